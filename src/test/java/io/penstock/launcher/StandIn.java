package io.penstock.launcher;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * Stands in for the application under the launcher: says what it was given, answers that it is ready, and notes when it starts and
 * when it is stopped.
 */
public final class StandIn {
    private StandIn() {}

    public static void main(String... arguments) throws Exception {
        Map<String, String> environment = new TreeMap<>(System.getenv());
        String port = environment.getOrDefault("PENSTOCK_PORT", "8080");
        String name = environment.getOrDefault("PENSTOCK_ROLES", "alone") + " " + port;
        Path journal = Path.of(environment.getOrDefault("STAND_IN_JOURNAL", "journal"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> note(journal, "stopped " + name)));
        if (port.equals(environment.get("STAND_IN_FAILS"))) {
            System.err.println("penstock: The port " + port + " is taken.");
            System.exit(1);
        }
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)), 0);
        server.createContext("/q/health/ready", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        note(journal, "started " + name);
        environment.keySet().removeIf(variable -> !variable.matches("(PENSTOCK|KAFKA)_.*"));
        System.out.println(environment);
        Thread.currentThread().join();
    }

    private static synchronized void note(Path journal, String what) {
        try {
            Files.writeString(journal, what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            System.err.println(e);
        }
    }
}
