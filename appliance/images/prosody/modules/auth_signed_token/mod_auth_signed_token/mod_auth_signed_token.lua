-- Log-in by a signed token (JWT, RFC 7519) that another program made, such as a website where people are logged in:
--   token_algorithm = "RS256"              -- or HS256 or ES256; a token that names another one is refused
--   token_key_file = "/etc/prosody/jwt-key.pem"    -- HS256: the first line is the secret; else a public key (PEM)
--   token_audiences = { "m.example" }      -- one of these must be in "aud"
--   token_issuer = "https://m.example"     -- must be "iss", if given
--   token_name_claim = "sub"               -- whose token it is: a name, or a whole address of this host
--   token_clock_skew = 60                  -- so many seconds the clock of the other program may differ
-- The token is sent as the password (PLAIN, which Prosody offers inside TLS only). An account begins with its first
-- log-in; a name whose account was deleted lets nobody in as long as it is reserved (mod_tombstones).
local jid = require "prosody.util.jid";
local json = require "prosody.util.json";
local jwt = require "prosody.util.jwt";
local new_sasl = require "prosody.util.sasl".new;
local encodings = require "prosody.util.encodings";
local set = require "prosody.util.set";

local nodeprep, saslprep = encodings.stringprep.nodeprep, encodings.stringprep.saslprep;

local algorithm = module:get_option_enum("token_algorithm", "HS256", "RS256", "ES256");
local key_file = module:get_option_string("token_key_file");
local audiences = module:get_option_set("token_audiences", { module.host });
local issuer = module:get_option_string("token_issuer");
local name_claim = module:get_option_string("token_name_claim", "sub");
local clock_skew = module:get_option_number("token_clock_skew", 60, 0);

local accounts = module:open_store("accounts");
-- mod_tombstones itself does not notice that somebody was deleted whom it was asked about before
local tombstones = module:open_store("tombstones", "map");
local reserved_for = module:get_option_period("user_tombstone_expiry");

local function key()
	local file = assert(io.open(key_file));
	local content = algorithm == "HS256" and file:read("l") or file:read("a");
	file:close();
	-- a file made on Windows
	if algorithm == "HS256" then content = content:gsub("\r$", ""); end
	assert(algorithm ~= "HS256" or #content >= 32, "the secret for tokens is too short");
	return content;
end

-- when it ends is looked at here, with the difference of clocks
local verify = jwt.new_verifier(algorithm, key(), { accept_expired = true });

local function is_time(value)
	return type(value) == "number" and value > -math.huge and value < math.huge;
end

-- Nobody may overlook what a token marks as important (RFC 7515 4.1.11), and we understand nothing of that.
local function has_demands(token)
	local part = token:match("^[^.]+"):gsub("[-_]", { ["-"] = "+", ["_"] = "/" });
	local header = json.decode(encodings.base64.decode(part .. "==") or "");
	return type(header) ~= "table" or header.crit ~= nil;
end

local function is_for_us(aud)
	if type(aud) ~= "table" then return audiences:contains(aud); end
	return not set.intersection(set.new(aud), audiences):empty();
end

-- Returns whose token it is, or nil.
local function owner(claims)
	local claim = claims[name_claim];
	if type(claim) ~= "string" then return nil; end
	if not claim:find("@", 1, true) then return nodeprep(claim); end
	local name, host = claim:match("^([^@/]+)@([^@/]+)$");
	host = host and encodings.stringprep.nameprep(encodings.idna.to_unicode(host) or host);
	return host == module.host and nodeprep(name) or nil;
end

-- Returns the name of whose token it is; or nil, a condition of SASL, and why, for the log.
local function read(token)
	local ran, is_genuine, claims = pcall(verify, token);
	if not ran or not is_genuine then return nil, "not-authorized", ran and claims or "malformed"; end
	if has_demands(token) then return nil, "not-authorized", "unknown demands"; end
	local now = os.time();
	if not is_time(claims.exp) then return nil, "not-authorized", "no end"; end
	if now >= claims.exp + clock_skew then return nil, "credentials-expired", "expired"; end
	for _, claim in ipairs { "nbf", "iat" } do
		local from = claims[claim];
		if from ~= nil and not (is_time(from) and now >= from - clock_skew) then
			return nil, "not-authorized", "not valid yet";
		end
	end
	if issuer and claims.iss ~= issuer then return nil, "not-authorized", "another issuer"; end
	if not is_for_us(claims.aud) then return nil, "not-authorized", "for another audience"; end
	local name = owner(claims);
	if not name or name == "" then return nil, "not-authorized", "nobody's here"; end
	return name;
end

-- Returns true; or nil, a condition of SASL, and why, for the log.
local function check(username, token)
	local name, condition, problem = read(token);
	if not name then return nil, condition, problem; end
	if name ~= username then return nil, "not-authorized", "somebody else's"; end
	local account, failure = accounts:get(username);
	if failure then return nil, "temporary-auth-failure", failure; end
	if account and account.disabled then return nil, "account-disabled", "disabled"; end
	if not account then
		local gone_at, trouble = tombstones:get(nil, username);
		if trouble then return nil, "temporary-auth-failure", trouble; end
		if gone_at and (not reserved_for or os.time() < gone_at + reserved_for) then return nil, "account-disabled", "deleted, and the name is reserved"; end
		local saved, why = accounts:set(username, { created = os.time(), updated = os.time() });
		if not saved then return nil, "temporary-auth-failure", why; end
		module:log("info", "First log-in of %s", username);
	end
	return true;
end

local TEXTS = { ["credentials-expired"] = "The token has expired" };

-- Prosody's own PLAIN takes no password of more than 1023 bytes; tokens are longer, and ASCII.
local function process(sasl, message)
	local wish, given, token = (message or ""):match("^([^%z]*)%z([^%z]+)%z([^%z]+)$");
	local prepared = given and saslprep(given);
	local username = prepared and nodeprep(prepared);
	if not username or username == "" then return "failure", "malformed-request"; end
	sasl.username = username;
	if wish ~= "" and jid.prep(wish) ~= username .. "@" .. module.host then return "failure", "invalid-authzid"; end
	local is_right, condition, problem = check(username, token);
	if is_right then return "success"; end
	module:log("info", "The token for %s is refused: %s", username, problem);
	return "failure", condition, TEXTS[condition];
end

local function handler()
	-- what it would do itself is never asked: the profile only says that PLAIN is there
	local sasl = new_sasl(module.host, { plain_test = function () return nil; end });
	sasl.process = process;
	sasl.clean_clone = handler;
	return sasl;
end

local provider = {};

function provider.get_sasl_handler()
	return handler();
end

function provider.test_password(username, token)
	return check(username, token);
end

function provider.user_exists(username)
	local account, problem = accounts:get(username);
	if not account then return nil, problem; end
	return true;
end

function provider.users()
	return accounts:users();
end

function provider.get_account_info(username)
	local account = accounts:get(username);
	if not account then return nil, "Account not available"; end
	return { created = account.created, password_updated = account.updated, enabled = not account.disabled };
end

function provider.is_enabled(username)
	local account = accounts:get(username);
	return account ~= nil and not account.disabled;
end

local function switch(username, is_disabled, meta)
	local account = accounts:get(username);
	if not account then return nil, "Account not available"; end
	account.disabled, account.disabled_meta = is_disabled or nil, meta;
	return accounts:set(username, account);
end

function provider.enable(username)
	return switch(username, false);
end

function provider.disable(username, meta)
	return switch(username, true, meta);
end

function provider.delete_user(username)
	return accounts:set(username, nil);
end

function provider.create_user()
	return nil, "Accounts begin with the first log-in by a token.";
end

function provider.set_password()
	return nil, "There are no passwords here: people log in by a token.";
end

module:provides("auth", provider);
