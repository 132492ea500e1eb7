// SPDX-License-Identifier: Apache-2.0
//
// The OpenID provider of a firm: a certified implementation on this machine, whose own pages ask for a login and take any password.
// provider.mjs PORT KEY CERTIFICATE PORTAL: PORTAL is the origin of the portal's URLs.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import Provider from "oidc-provider";

const [port, key, certificate, portal] = process.argv.slice(2);
const issuer = `https://localhost:${port}`;
const people = { unverifiziert: { email_verified: false } };

const provider = new Provider(issuer, {
  clients: [{
    client_id: "portal",
    client_secret: "a-secret-of-thirty-two-characters",
    redirect_uris: [`${portal}/sso-callback`],
    post_logout_redirect_uris: [`${portal}/portal/login`],
    backchannel_logout_uri: `${portal}/sso-callback?logout=backchannel`,
    backchannel_logout_session_required: true,
    grant_types: ["authorization_code", "refresh_token"],
  }, {
    client_id: "app",
    client_secret: "another-secret-of-thirty-two-letters",
    redirect_uris: [],
    response_types: [],
    grant_types: ["client_credentials"],
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  conformIdTokenClaims: false,
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: `Person ${sub}`, email: `${sub}@acme.example`, email_verified: true,
                     groups: ["Alle", "Versicherungen"], ...people[sub] }),
  }),
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    backchannelLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_, client) => client.clientId === "app" ? `${portal}/portal/api` : undefined,
      getResourceServerInfo: (_, resource) => ({ scope: "openid email profile", audience: resource.endsWith("/api") ? "portal-api" : "another-app", accessTokenFormat: "jwt", accessTokenTTL: 600,
                                      jwt: { sign: { alg: "RS256" } } }),
    },
  },
  cookies: { keys: ["a key of a test"] },
  ttl: { Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600, Interaction: 600 },
});
provider.on("server_error", (_, error) => console.error(error));
createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, provider.callback())
  .listen(Number(port), "127.0.0.1", () => console.log("listens"));
