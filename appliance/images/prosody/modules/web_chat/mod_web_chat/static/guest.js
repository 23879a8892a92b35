// Takes a guest into the room under the name that they have chosen; before that nothing is connected. Whoever leaves,
// or is thrown out of the server, is back at the form, as a reload of the page also ends what Converse.js still holds.
const settings = JSON.parse(document.getElementById("settings").textContent);
const form = document.getElementById("enter");
const nickname = document.getElementById("nickname");

function back(why) {
	sessionStorage.setItem("why", why);
	location.reload();
}

// Converse.js has no button to leave its only room.
function leaving(title) {
	return {
		a_class: "leave-server", handler: () => back(""), i18n_text: title, i18n_title: title,
		icon_class: "fa-sign-out-alt", name: "leave-server", standalone: true,
	};
}

// What the host for guests forbids, such as a room that was closed meanwhile, Converse.js would wait for.
function isForbidden(presence) {
	if (presence.querySelector("error > policy-violation")) {
		back("refused");
	}
	return true;
}

function follow({ api, state }, title) {
	// nothing is written where it would outlive the page
	state.config.set("trusted", false);
	let isIn = false;
	api.listen.on("connected", () => {
		isIn = true;
		api.connection.get().addHandler(isForbidden, null, "presence", "error");
	});
	api.listen.on("disconnected", () => back(isIn ? "lost" : "refused"));
	api.listen.on("getHeadingButtons", (_view, buttons) => [...buttons, leaving(title)]);
}

// The rules of our own pages are not for Converse.js, and its own are not for ours.
function clear() {
	for (const sheet of document.querySelectorAll("link[href$='/page.css']")) {
		sheet.remove();
	}
	for (const name of [`${settings.assets_path}/converse.min.css`, new URL("look.css", import.meta.url).href]) {
		document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: name }));
	}
	document.body.replaceChildren();
	document.body.className = "converse-fullscreen";
}

async function enter(event) {
	event.preventDefault();
	const title = form.querySelector("button").dataset.leave;
	sessionStorage.setItem("nickname", nickname.value);
	clear();
	try {
		await import(`${settings.assets_path}/converse.min.js`);
	} catch {
		back("lost");
		return;
	}
	window.converse.plugins.add("guest", { initialize() { follow(this._converse, title); } });
	window.converse.initialize({ ...settings, nickname: nickname.value.trim(), whitelisted_plugins: ["guest"] });
}

const why = document.getElementById(sessionStorage.getItem("why") || "none");
if (why) {
	why.hidden = false;
}
const known = sessionStorage.getItem("nickname") ?? "";
// nothing of the last session is taken up again
sessionStorage.clear();
nickname.value = known;
nickname.focus();
form.addEventListener("submit", enter);
