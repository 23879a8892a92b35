"""Questions of the answers as forms: how each is asked, with which control, found by which words."""
