-- What the page says beside what Converse.js says, by language.
local en = {
	no_script = "Chat in the browser needs JavaScript: switch it on for this page, or use an app.";
	no_account = "No account yet?";
	make_one = "Make one here";
	made_with = "Runs with Converse.js";
	secret_signed_token = "Token";
	how_signed_token = "The token is what your website gives you once you are logged in there. It holds for a while only.";
	how_directory = "Name and password are those that you have in your organization.";
	wrong_signed_token = "You did not get in: is the name right, and does the token still hold?";
	wrong_directory = "You did not get in: name and password must be those of your organization.";
	guest_name = "Your name here";
	guest_help = "Everybody in the room sees it. You need no account; nothing is kept of you but what you say.";
	guest_enter = "Come in";
	guest_leave = "Leave";
	guest_others = "Other rooms";
	guest_scan = "This leads here, too:";
	guest_rooms = "Talk as a guest on {site}";
	guest_none = "No room is open to guests just now.";
	guest_closed = "This room is not there, or not open to guests.";
	guest_refused = "You could not come in: perhaps there are too many guests at the moment. Please try again later.";
	guest_lost = "The connection to the room has ended. Come in again if you like.";
};

local de = {
	no_script = "Der Chat im Browser braucht JavaScript: Schalten Sie es für diese Seite ein, oder nehmen Sie eine App.";
	no_account = "Noch kein Konto?";
	make_one = "Hier anlegen";
	made_with = "Läuft mit Converse.js";
	secret_signed_token = "Token";
	how_signed_token = "Den Token gibt Ihnen Ihre Website, wenn Sie dort angemeldet sind. Er gilt nur eine Weile.";
	how_directory = "Name und Passwort sind die, die Sie in Ihrer Organisation haben.";
	wrong_signed_token = "Sie sind nicht hineingekommen: Stimmt der Name, und gilt der Token noch?";
	wrong_directory = "Sie sind nicht hineingekommen: Name und Passwort müssen die Ihrer Organisation sein.";
	guest_name = "Ihr Name hier";
	guest_help = "Alle im Raum sehen ihn. Sie brauchen kein Konto; von Ihnen bleibt nur, was Sie sagen.";
	guest_enter = "Eintreten";
	guest_leave = "Verlassen";
	guest_others = "Andere Räume";
	guest_scan = "Auch hiermit kommt man her:";
	guest_rooms = "Als Gast auf {site} mitreden";
	guest_none = "Gerade ist kein Raum für Gäste offen.";
	guest_closed = "Diesen Raum gibt es nicht, oder er ist nicht für Gäste offen.";
	guest_refused = "Sie konnten nicht eintreten: Vielleicht sind gerade zu viele Gäste da. Bitte versuchen Sie es später wieder.";
	guest_lost = "Die Verbindung zum Raum ist beendet. Treten Sie gern wieder ein.";
};

return { en = en, de = de };
