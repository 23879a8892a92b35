new QRCode(document.getElementById("qr"), { text: document.location.href, width: 192, height: 192 });
