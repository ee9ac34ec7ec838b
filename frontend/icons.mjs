// The icons of the sprite, by their names in lucide-static. Add one here to use it in {% icon "name" %}.
export const ICONS = [
  "layout-dashboard", "chart-line", "triangle-alert", "clipboard-list", "database", "book-open",
  "file-text", "inbox", "list-checks", "network", "monitor", "search", "bell", "menu", "ellipsis",
  "chevron-right", "chevron-left", "chevron-down", "arrow-up", "arrow-down", "arrow-up-right",
  "upload", "download", "check", "x", "plus", "pencil", "trash-2", "clock", "calendar", "map",
  "map-pin", "phone", "user", "users", "log-out", "key-round", "shield-check", "eye", "eye-off",
  "info", "circle-help", "rotate-ccw", "history", "file-spreadsheet", "radio-tower", "filter",
  "external-link", "lock", "table", "message-square-quote", "palette", "settings", "send", "printer", "link",
];
