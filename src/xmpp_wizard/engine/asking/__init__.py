"""What is looked at, asked and proposed before there is a wish."""
