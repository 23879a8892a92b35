-- The apps that an invitation leads to, those for the visitor's own device first.
local http = require "prosody.util.http";
local interpolation = require "prosody.util.interpolation";

local render_url = interpolation.new("%b{}", http.urlencode);

-- What the visitor's machine is, by the names of `platforms` in the list of apps.
local PLATFORMS = {
	{ "Android", "Android" }, { "iPhone", "iOS" }, { "iPad", "iOS" },
	{ "Windows", "Windows" }, { "Macintosh", "macOS" }, { "Linux", "Linux" },
};

local function platform_of(request)
	local agent = request.headers.user_agent or "";
	for _, pair in ipairs(PLATFORMS) do
		if agent:find(pair[1], 1, true) then
			return pair[2];
		end
	end
	return nil;
end

local function is_phone(request)
	local platform = platform_of(request);
	return platform == "Android" or platform == "iOS";
end

-- An app as its card shows it: where it leads to is the app's own page, our page of two steps, or the form.
local function card(app, invite, language)
	local path;
	if app.magic_link_format then
		path = render_url(app.magic_link_format, { app = app, invite = invite });
	elseif app.supports_preauth_uri then
		path = "invite/setup/" .. app.id .. "?" .. invite.token;
	else
		path = "register?t=" .. invite.token .. "&c=" .. app.id;
	end
	local is_absolute = path:find "^%a[%w+.-]*:";
	return {
		name = app.name, image = app.image, platforms = table.concat(app.platforms, ", ");
		about = app["text_" .. language] or app.text;
		url = is_absolute and path or module:http_url("home", "/") .. path;
		download = app.link;
	};
end

local function cards(request, invite, apps, language)
	local platform = platform_of(request);
	local here, elsewhere = {}, {};
	for _, app in ipairs(apps) do
		local fits = not platform;
		for _, name in ipairs(app.platforms) do
			fits = fits or name == platform;
		end
		table.insert(fits and here or elsewhere, card(app, invite, language));
	end
	if not here[1] then
		here, elsewhere = elsewhere, here;
	end
	return here, elsewhere[1] and elsewhere or nil;
end

local BROWSER = "web-chat";

-- The card of the server's own chat in the browser.
local function browser(chat, invite, text)
	return {
		name = text.browser, image = chat.icon, platforms = text.browser_where, about = text.browser_about;
		url = module:http_url("home", "/") .. "register?t=" .. invite.token .. "&c=" .. BROWSER;
	};
end

return { BROWSER = BROWSER, browser = browser, card = card, cards = cards, is_phone = is_phone };
