// What a shop's server does with the published library; nothing but the address is ours.
const { Analytics } = require("@segment/analytics-node");

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, flushAt: 20, flushInterval: 50, maxRetries: 6 });
analytics.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});

analytics.track({ anonymousId: "node-visitor", event: "Product Viewed", properties: { sku: "tent", price: 99.5 } });
analytics.identify({ userId: "node-user", anonymousId: "node-visitor", traits: { firstName: "Nora", email: "n@x.y" } });
analytics.page({ userId: "node-user", name: "Home", properties: { url: "https://x.y/" } });
analytics.screen({ userId: "node-user", name: "Cart" });
analytics.group({ userId: "node-user", groupId: "node-group", traits: { seats: 5 } });
analytics.alias({ previousId: "node-old", userId: "node-user" });
analytics.track({ userId: "node-user", event: "Imported", timestamp: new Date("2020-01-01T00:00:00Z") });
void analytics.closeAndFlush({ timeout: 20000 });
