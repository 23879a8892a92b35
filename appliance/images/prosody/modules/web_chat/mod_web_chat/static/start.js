// Whoever comes from the form for new accounts need not type the name again: /chat#name=alice
const name = new URLSearchParams(location.hash.slice(1)).get("name");
const settings = JSON.parse(document.getElementById("settings").textContent);
const { wrong } = document.body.dataset;

// What Converse.js says of a log-in that failed is about its own kind of addresses and passwords; it says it twice.
function sayWhatIsWrong({ api, env }) {
	let said;
	api.listen.on("connfeedback", (feedback) => {
		if (feedback.get("connection_status") === env.Strophe.Status.AUTHFAIL && feedback.get("message") !== wrong) {
			said = feedback.get("message");
		}
		if (said && feedback.get("message") === said) {
			feedback.set("message", wrong);
		}
	});
}

if (name) {
	settings.jid = name;
}
if (wrong) {
	settings.whitelisted_plugins = ["wrong"];
	window.converse.plugins.add("wrong", { initialize() { sayWhatIsWrong(this._converse); } });
}
window.converse.initialize(settings);
