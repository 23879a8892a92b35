"""Shows an invitation's code over a world of fakes on a real terminal; started by ``test_code_on_screen.py``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fakes import Fakes
from tests.tui.server import set_up

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.tui.app import WizardApp, run
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.screens.invitation import InvitationPage

fakes = Fakes()
fakes.appliance.texts = dict(ShippedAppliance().templates())
prosody = set_up(fakes)
if len(sys.argv) > 1:
    prosody.link = sys.argv[1]
desk = Desk(fakes.world(), Layout(), {**os.environ}, "testhost")
sys.exit(run(WizardApp(desk, lambda: InvitationPage(desk, "carol@a.example"))))
