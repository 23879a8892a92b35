// Parts of Converse.js that speak of its own project, with pictures from elsewhere: the page's templates take their
// place. Converse.js leaves an element alone that is there already (api.elements.register).
for (const template of document.querySelectorAll("template")) {
	customElements.define(template.id, class extends HTMLElement {
		connectedCallback() {
			if (!this.hasChildNodes()) {
				this.append(template.content.cloneNode(true));
			}
		}
	});
}

// What Converse.js calls a password is something else where people are known elsewhere.
const { secret } = document.body.dataset;

function rename() {
	const field = document.querySelector("input[name=password]");
	if (!field || field.placeholder === secret) {
		return;
	}
	const label = document.querySelector(`label[for="${field.id}"]`);
	field.placeholder = secret;
	// its text alone: Converse.js goes on with the nodes that it knows
	[...label.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()).data = secret;
}

if (secret) {
	new MutationObserver(rename).observe(document.documentElement, { childList: true, subtree: true });
}
