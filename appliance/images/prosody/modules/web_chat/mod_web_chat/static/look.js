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
