package io.penstock.broker;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka node, broker and KRaft controller at once, in this process and reachable from this machine only. Its folder keeps
 * everything, the cluster's id included, so that it may be stopped or killed and started again, also on another port.
 *
 * <p>Kafka ends the process when its log folder fails under it; an embedded broker shares that fate on purpose, since nothing
 * here works without it.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

    static final int NODE_ID = 1;
    static final String HOST = "127.0.0.1";
    private static final int PORT_MAX = 65_535;
    private static final String LOCK_FILE = "penstock.lock";

    private final KafkaRaftServer server;
    private final FileChannel lock;
    private final int port;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedBroker(KafkaRaftServer server, FileChannel lock, int port) {
        this.server = server;
        this.lock = lock;
        this.port = port;
    }

    /**
     * Starts a broker and returns when clients can connect, after about 2 seconds.
     *
     * @param folder where it keeps its data; made and formatted when it does not exist
     * @param port where clients connect; 0 takes any free one
     * @throws PenstockException {@code config.invalid} when the port is taken, or another process uses the folder
     */
    public static EmbeddedBroker start(Path folder, int port) {
        long started = System.nanoTime();
        if (port < 0 || port > PORT_MAX) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "PENSTOCK_KAFKA_PORT is " + port + "; it must be 0 (any free port) to " + PORT_MAX + ".");
        }
        Path data = folder.toAbsolutePath().normalize();
        FileChannel lock = lock(data);
        try {
            int clientPort = port == 0 ? freePort() : requireFree(port);
            KafkaConfig config = new KafkaConfig(BrokerSettings.of(data, clientPort, freePort()), false);
            boolean crashed = CrashRecovery.isNeeded(data);
            format(data);
            if (crashed) {
                CrashRecovery.fence(data, freePort());
            }
            KafkaRaftServer server = new KafkaRaftServer(config, Time.SYSTEM);
            start(server);
            LOG.info(
                    "Kafka is ready on {}:{} after {} ms, its data in {}",
                    HOST,
                    clientPort,
                    (System.nanoTime() - started) / 1_000_000,
                    data);
            return new EmbeddedBroker(server, lock, clientPort);
        } catch (RuntimeException e) {
            release(lock);
            throw e instanceof PenstockException
                    ? e
                    : new PenstockException(
                            ErrorCode.INTERNAL,
                            "The embedded Kafka broker did not start on " + data + ": " + e.getMessage()
                                    + ". See the log; moving the folder away starts anew, without its data.",
                            e);
        }
    }

    /** Where clients connect: host and port. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** The port that clients connect to. */
    public int port() {
        return port;
    }

    /** Stops it in order, which takes a second or two; closing again changes nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            server.shutdown();
            server.awaitShutdown();
        } finally {
            release(lock);
        }
    }

    static void start(KafkaRaftServer server) {
        try {
            server.startup();
        } catch (RuntimeException e) {
            try {
                server.shutdown();
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Gives a new folder its identity. A folder that has one keeps it. */
    private static void format(Path data) {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        Formatter formatter = new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setReleaseVersion(MetadataVersion.latestProduction())
                .setControllerListenerName(BrokerSettings.CONTROLLER)
                .setIgnoreFormatted(true)
                .setHasDynamicQuorum(false)
                .setMetadataLogDirectory(data.toString())
                .addDirectory(data.toString());
        try {
            formatter.run();
        } catch (Exception e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The folder " + data + " cannot be made ready for Kafka: " + e.getMessage()
                            + ". Set PENSTOCK_DATA to a folder that can be written.",
                    e);
        }
    }

    private static int requireFree(int port) {
        try {
            return bound(port);
        } catch (IOException e) {
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "Port " + port + " for Kafka is taken (" + e.getMessage()
                            + "). Set PENSTOCK_KAFKA_PORT to another port, or to 0 for any free one.",
                    e);
        }
    }

    private static int freePort() {
        try {
            return bound(0);
        } catch (IOException e) {
            throw new PenstockException(
                    ErrorCode.INTERNAL, "No port of " + HOST + " is free for Kafka: " + e.getMessage() + ".", e);
        }
    }

    private static int bound(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
            return socket.getLocalPort();
        }
    }

    /** Kafka would end the process when its folder is in use; this says so instead. The system frees it at any death. */
    private static FileChannel lock(Path data) {
        FileChannel channel = null;
        try {
            Files.createDirectories(data);
            channel = FileChannel.open(data.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("This process itself holds the lock of {}", data, e);
        } catch (IOException e) {
            release(channel);
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "The folder " + data + " cannot be written: " + e.getMessage()
                            + ". Set PENSTOCK_DATA to one that can.",
                    e);
        }
        release(channel);
        throw new PenstockException(
                ErrorCode.CONFIG_INVALID,
                "Another Kafka broker is running on " + data
                        + ". Stop that Penstock first, or set PENSTOCK_DATA to another folder.");
    }

    private static void release(@Nullable FileChannel lock) {
        if (lock == null) {
            return;
        }
        try {
            lock.close();
        } catch (IOException e) {
            LOG.debug("A lock file did not close; the system frees it with the process", e);
        }
    }
}
