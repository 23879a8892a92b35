-- Riddles that people solve and most programs do not bother to:
--   {}                                                        a sum, in words
--   { site_key = "…", secret = "…", service = "https://…" }   hCaptcha, or another service of its kind
-- Each riddle is good for one answer, right or wrong, and for ten minutes.
local http = require "prosody.net.http";
local http_util = require "prosody.util.http";
local id = require "prosody.util.id";
local json = require "prosody.util.json";
local new_cache = require "prosody.util.cache".new;
local random = require "prosody.util.random";
local st = require "prosody.util.stanza";

local SECONDS = 600;
local HIGHEST = 12;

local function sums()
	local open = new_cache(2000);

	local function number()
		return random.bytes(1):byte() % HIGHEST + 1;
	end

	-- Returns the riddle as HTML, in the words of a language.
	local function ask(text)
		local first, second, key = number(), number(), id.long();
		open:set(key, { answer = first + second, ends = os.time() + SECONDS });
		local words = {};
		for word in text.numbers:gmatch "%S+" do
			words[#words + 1] = word;
		end
		local question = text.sum:gsub("%%(%d)", { ["1"] = words[first], ["2"] = words[second] });
		return ('<label for="riddle">%s</label><input id="riddle" name="riddle" required inputmode="numeric" '
			.. 'autocomplete="off" maxlength="4"><input type="hidden" name="riddle_id" value="%s">')
			:format(st.xml_escape(question), key);
	end

	-- Returns "right", "wrong" or "old".
	local function check(typed)
		local riddle = open:get(typed.riddle_id or "");
		if not riddle then
			return "old";
		end
		open:set(typed.riddle_id, nil);
		if riddle.ends < os.time() then
			return "old";
		end
		return tonumber(typed.riddle) == riddle.answer and "right" or "wrong";
	end

	return { ask = ask, check = check, hosts = "" };
end

local function service(options)
	local function ask()
		return ('<script src="%s/1/api.js" async defer></script><div class="h-captcha" data-sitekey="%s"></div>')
			:format(st.xml_escape(options.script or "https://js.hcaptcha.com"), st.xml_escape(options.site_key));
	end

	-- Returns a promise of "right", "wrong" or "away".
	local function check(typed, address)
		local answer = typed["h-captcha-response"];
		if not answer or answer == "" then
			return "wrong";
		end
		local body = http_util.formencode {
			secret = options.secret, sitekey = options.site_key, response = answer, remoteip = address;
		};
		return http.request(options.service .. "/siteverify", { body = body }):next(function (response)
			local verdict = response.code == 200 and json.decode(response.body);
			if type(verdict) ~= "table" then
				module:log("error", "The captcha service answers with status %s", response.code);
				return "away";
			elseif verdict.success ~= true then
				local codes = type(verdict["error-codes"]) == "table" and verdict["error-codes"] or {};
				module:log("info", "The captcha service says no: %s", table.concat(codes, ", "));
				return "wrong";
			end
			return "right";
		end, function (problem)
			module:log("error", "The captcha service cannot be reached: %s", problem);
			return "away";
		end);
	end

	return { ask = ask, check = check, hosts = " https://hcaptcha.com https://*.hcaptcha.com" };
end

return {
	new = function (options)
		return options.site_key and service(options) or sums();
	end;
};
