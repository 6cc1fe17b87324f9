package io.penstock.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server on this machine with a feed of notices and a register of vessels in three pages, both with validators. */
final class NoticesServer implements AutoCloseable {
    private static final String FEED = """
            <?xml version="1.0" encoding="UTF-8"?>
            <rss version="2.0"><channel><title>Notices</title><link>https://harbour.example/</link>
            <description>Notices to mariners</description>
            <item><title>Fog bell</title><guid isPermaLink="false">n-1</guid>
              <link>https://harbour.example/n/1</link>
              <description>The fog bell on the western mole is silent until the foundry has recast its clapper in October.</description></item>
            <item><title>Dredging</title><guid isPermaLink="false">n-2</guid>
              <link>https://harbour.example/n/2</link>
              <description>&lt;p&gt;A dredger works in the inner basin; vessels pass it on its northern side.&lt;/p&gt;</description></item>
            </channel></rss>
            """;
    private static final List<String> VESSELS = List.of(
            "The ferry Alcyone carries ninety passengers to the islands every morning.",
            "The pilot cutter Swift waits two miles off the breakwater in fair weather.",
            "The lightship Constance was towed to the yard and gets a new lantern.",
            "The survey boat Meridian measures the depth of the channel after each storm.",
            "The barge Patience brings gravel for the new quay from the upper river.",
            "The tug Hercules has a bollard pull of sixty tonnes and serves tankers only.");
    private static final int ON_A_PAGE = 2;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final String token;

    /** @param token what callers of the register must show */
    NoticesServer(String token) throws IOException {
        this.token = token;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/feed.xml", exchange -> answer(exchange, "application/rss+xml", FEED));
        server.createContext("/vessels", this::vessels);
        server.setExecutor(executor);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void vessels(HttpExchange exchange) throws IOException {
        String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!shown.equals("Bearer " + token)) {
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
            return;
        }
        int page = Integer.parseInt(exchange.getRequestURI().getQuery().replaceAll(".*page=", ""));
        StringBuilder json = new StringBuilder("{\"asked_with\": \"" + shown + "\", \"vessels\": [");
        int begin = (page - 1) * ON_A_PAGE;
        for (int i = begin; i < Math.min(begin + ON_A_PAGE, VESSELS.size()); i++) {
            json.append(i == begin ? "" : ",")
                    .append("{\"imo\": " + i + ", \"name\": \"Vessel " + i + "\", \"owner\": \"" + shown
                            + "\", \"text\": \"" + VESSELS.get(i) + "\"}");
        }
        answer(exchange, "application/json", json.append("]}").toString());
    }

    private static void answer(HttpExchange exchange, String type, String text) throws IOException {
        try (exchange) {
            String tag = "\"" + Integer.toHexString(text.hashCode()) + "\"";
            exchange.getResponseHeaders().add("ETag", tag);
            if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
                return;
            }
            byte[] body = text.getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.close();
    }
}
