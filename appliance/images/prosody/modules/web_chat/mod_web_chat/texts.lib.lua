-- What the page says beside what Converse.js says, by language.
local en = {
	no_script = "Chat in the browser needs JavaScript: switch it on for this page, or use an app.";
	no_account = "No account yet?";
	make_one = "Make one here";
	made_with = "Runs with Converse.js";
};

local de = {
	no_script = "Der Chat im Browser braucht JavaScript: Schalten Sie es für diese Seite ein, oder nehmen Sie eine App.";
	no_account = "Noch kein Konto?";
	make_one = "Hier anlegen";
	made_with = "Läuft mit Converse.js";
};

return { en = en, de = de };
