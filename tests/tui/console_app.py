"""Runs the first screens over a world of fakes on a real terminal; started by ``test_console.py``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fakes import Fakes

from xmpp_wizard.core.layout import Layout
from xmpp_wizard.effects.appliance import ShippedAppliance
from xmpp_wizard.tui.app import WizardApp, run
from xmpp_wizard.tui.desk import Desk
from xmpp_wizard.tui.entry import first_screen

fakes = Fakes()
fakes.appliance.texts = dict(ShippedAppliance().templates())
desk = Desk(fakes.world(), Layout(), {**os.environ}, "testhost")
sys.exit(run(WizardApp(desk, first_screen(desk))))
