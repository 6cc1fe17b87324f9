package io.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;

/** The text of the page at the root. It holds no script and loads nothing. */
final class LandingPage {
    private static final String STYLE = """
            :root{color-scheme:light dark}
            body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
            table{border-collapse:collapse}
            th,td{text-align:left;padding:.15rem 1.5rem .15rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
            pre{overflow-x:auto;padding:.75rem;border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.25rem}
            code{font:.9em ui-monospace,monospace}
            .bad{font-weight:700}
            """;

    /** Nothing but the one style sheet above; what slips through the escaping can do nothing. */
    static final String POLICY = "default-src 'none'; style-src 'sha256-" + sha256(STYLE)
            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private LandingPage() {}

    /**
     * @param state for people
     * @param topologies state by name, in the order in which they are shown
     * @param url where callers reach the server
     * @param key tells where the key is
     */
    static String html(String state, Map<String, String> topologies, String url, String key) {
        StringBuilder rows = new StringBuilder();
        topologies.forEach((name, topology) -> rows.append("<tr><td>")
                .append(escape(name))
                .append("</td><td")
                .append(topology.equals("RUNNING") ? "" : " class=\"bad\"")
                .append('>')
                .append(escape(topology))
                .append("</td></tr>\n"));
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Penstock</title>
                <style>%s</style>
                </head>
                <body>
                <main>
                <h1>Penstock</h1>
                <p>Penstock turns alerts into cited answers. It is <strong>%s</strong>.</p>
                <h2>Topologies</h2>
                %s
                <h2>Ask</h2>
                <p>Every call needs the key. %s</p>
                <pre><code>%s</code></pre>
                <h2>Read on</h2>
                <ul>
                <li><a href="/q/openapi">OpenAPI document</a>: every call, with examples</li>
                <li><a href="/q/health">Health</a>: whether the process and its topologies work</li>
                <li><a href="/q/metrics">Metrics</a>, in the format of Prometheus</li>
                <li><a href="/registry/subjects">Schema registry</a>: <code>schema.registry.url</code> is <code>%s/registry</code></li>
                <li>The pages in the folder <code>docs</code>: <code>http.md</code> explains the calls, <code>operations.md</code> how to run Penstock</li>
                </ul>
                <p>Metrics, the OpenAPI document and the registry want the key too where the server is not bound to a loopback address.</p>
                </main>
                </body>
                </html>
                """.formatted(
                        STYLE,
                        escape(state),
                        topologies.isEmpty()
                                ? "<p>None yet.</p>"
                                : "<table>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">State</th></tr></thead>\n<tbody>\n"
                                        + rows + "</tbody>\n</table>",
                        escape(key),
                        escape(calls(url)),
                        escape(url));
    }

    private static String calls(String url) {
        return """
                KEY=$(cat data/api-key)
                curl -s %1$s/api/catalog -H "X-API-Key: $KEY"
                curl -s %1$s/api/chat -H "X-API-Key: $KEY" -H 'Content-Type: application/json' \\
                  -d '{"message": "..."}'""".formatted(url);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String sha256(String text) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
