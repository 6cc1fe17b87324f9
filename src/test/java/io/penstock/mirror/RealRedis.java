package io.penstock.mirror;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import redis.clients.jedis.RedisClient;
import redis.embedded.RedisServer;

/** A real Redis in a process of its own, which writes everything down: it can be stopped and started again with what it held. */
public final class RealRedis implements AutoCloseable {
    private final Path folder;
    private final int port = freePort();
    private RedisServer server;

    /** @param folder an empty one, for its data */
    public RealRedis(Path folder) {
        this.folder = folder.toAbsolutePath();
        this.server = start();
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI url() {
        return URI.create("redis://127.0.0.1:" + port);
    }

    private RedisServer start() {
        try {
            RedisServer next = RedisServer.newRedisServer()
                    .port(port)
                    .bind("127.0.0.1")
                    .setting("appendonly yes")
                    .setting("appendfsync always")
                    .setting("dir " + folder)
                    .build();
            next.start();
            return next;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it; calls are refused from now on. */
    public void stop() {
        try {
            server.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void startAgain() {
        server = start();
    }

    /** All keys that match. */
    public Set<String> keys(String pattern) {
        try (RedisClient client = RedisClient.create(url())) {
            return client.keys(pattern);
        }
    }

    Map<String, String> hash(String key) {
        try (RedisClient client = RedisClient.create(url())) {
            return new TreeMap<>(client.hgetAll(key));
        }
    }

    /** One call of the server's. */
    public <T> T ask(java.util.function.Function<RedisClient, T> call) {
        try (RedisClient client = RedisClient.create(url())) {
            return call.apply(client);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
