-- Written by xmpp-wizard; changes made here are noticed and asked about at the next apply.
-- Your own options belong in conf.d/*.cfg.lua beside this file; they are read last and never touched.

-- prosody
admins = {}
authentication = "internal_hashed"
c2s_ports = { 5222 }
certificates = "/certs/live"
data_path = "/var/lib/prosody"
gc = { mode = "generational" }
http_ports = {}
https_ports = {}
interfaces = { "*"; "::" }
network_default_read_size = 65536
network_settings = { min_wait = 0 }
password_hash = "SHA-256"
pidfile = "/run/prosody/prosody.pid"
prosodyctl_service_warnings = false
tcp_keepalives = true
unbound = { resolvconf = true; hoststxt = false }

-- accounts
allow_registration = false
registration_delete_grace_period = "7d"
user_tombstone_expiry = "60d"

-- direct_tls
c2s_direct_tls_ports = { 5223 }
s2s_direct_tls_ports = { 5270 }

-- features
log = { { levels = { min = "info" }; to = "stdout"; timestamps = "%Y-%m-%dT%H:%M:%S" } }
modules_disabled = {}
modules_enabled = {
	"account_activity";
	"admin_adhoc";
	"admin_shell";
	"announce";
	"blocklist";
	"bookmarks";
	"carbons";
	"cloud_notify";
	"cloud_notify_encrypted";
	"cloud_notify_extensions";
	"cloud_notify_filters";
	"cloud_notify_priority_tag";
	"csi_simple";
	"dialback";
	"disco";
	"head_count";
	"lastactivity";
	"limits";
	"login_guard";
	"mam";
	"mimicking";
	"offline";
	"password_policy";
	"pep";
	"ping";
	"presence";
	"private";
	"reserved_names";
	"roster";
	"s2s_bidi";
	"sasl2";
	"sasl2_bind2";
	"sasl2_fast";
	"sasl2_sm";
	"sasl_ssdp";
	"saslauth";
	"server_info";
	"smacks";
	"time";
	"tls";
	"tombstones";
	"uptime";
	"user_account_management";
	"vcard4";
	"vcard_legacy";
	"version";
}
plugin_paths = {
	"/usr/lib/prosody/community/cloud_notify_encrypted";
	"/usr/lib/prosody/community/cloud_notify_extensions";
	"/usr/lib/prosody/community/cloud_notify_filters";
	"/usr/lib/prosody/community/cloud_notify_priority_tag";
	"/usr/lib/prosody/community/guest_limits";
	"/usr/lib/prosody/community/head_count";
	"/usr/lib/prosody/community/login_guard";
	"/usr/lib/prosody/community/muc_limits";
	"/usr/lib/prosody/community/muc_moderation";
	"/usr/lib/prosody/community/password_policy";
	"/usr/lib/prosody/community/reserved_names";
	"/usr/lib/prosody/community/sasl2";
	"/usr/lib/prosody/community/sasl2_bind2";
	"/usr/lib/prosody/community/sasl2_fast";
	"/usr/lib/prosody/community/sasl2_sm";
	"/usr/lib/prosody/community/sasl_ssdp";
}

-- federation
s2s_ports = { 5269 }

-- login_guard
login_guard_attempts = 10
login_guard_period = "5 minutes"

-- mobile
push_max_devices = 10
push_notification_with_body = false
push_notification_with_sender = false

-- multi_device
default_archive_policy = true
dont_archive_namespaces = { "http://jabber.org/protocol/chatstates"; "urn:xmpp:jingle-message:0" }
max_archive_query_results = 100
smacks_hibernation_time = "1 hour"
smacks_max_queue_size = 1000

-- security level recommended
archive_expires_after = "30d"
c2s_require_encryption = true
default_iteration_count = 10000
disable_sasl_mechanisms = { "DIGEST-MD5"; "OAUTHBEARER"; "PLAIN" }
limits = { c2s = { rate = "30kb/s"; burst = "2s" }; s2sin = { rate = "60kb/s"; burst = "2s" } }
muc_log_expires_after = "30d"
password_policy = { length = 10 }
registration_throttle_max = 5
registration_throttle_period = "1 hour"
s2s_require_encryption = true
s2s_secure_auth = true
tls_profile = "intermediate"

-- storage internal
storage = "internal"

VirtualHost "fam.example"
	name = "fam.example"

Component "groups.fam.example" "muc"
	guest_burst_factor = 10
	guest_event_rate = 1.0
	modules_enabled = { "guest_limits"; "muc_limits"; "muc_mam"; "muc_moderation" }
	muc_burst_factor = 10
	muc_event_rate = 10.0
	muc_max_nick_length = 60
	muc_room_default_allow_member_invites = true
	muc_room_default_members_only = true
	muc_room_default_persistent = true
	muc_room_default_public = false
	muc_room_default_public_jids = true
	name = "Groups"
	restrict_room_creation = "local"

Include "conf.d/*.cfg.lua"
