"""The order of things: observe, plan, apply, prove. Knows the world only through :mod:`xmpp_wizard.core.ports`."""
