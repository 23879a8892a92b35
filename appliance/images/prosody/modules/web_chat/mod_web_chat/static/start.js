window.converse.initialize(JSON.parse(document.getElementById("settings").textContent));
