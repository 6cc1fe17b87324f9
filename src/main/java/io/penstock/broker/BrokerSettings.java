package io.penstock.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The settings of the embedded broker: one node, quick to start and to notice a crash, small in memory. */
final class BrokerSettings {
    static final String CONTROLLER = "CONTROLLER";
    private static final String CLIENTS = "CLIENTS";

    private static final int MIB = 1024 * 1024;

    private BrokerSettings() {}

    static Map<String, String> of(Path data, int clientPort, int controllerPort) {
        Map<String, String> settings = new HashMap<>();
        node(settings, data, clientPort, controllerPort);
        oneReplica(settings);
        quickToNotice(settings);
        small(settings);
        return settings;
    }

    /** The same node as its controller alone, which serves no clients. */
    static Map<String, String> controllerOnly(Path data, int controllerPort) {
        Map<String, String> settings = of(data, 0, controllerPort);
        settings.put("process.roles", "controller");
        settings.put("listeners", CONTROLLER + "://" + EmbeddedBroker.HOST + ":" + controllerPort);
        settings.put("listener.security.protocol.map", CONTROLLER + ":PLAINTEXT");
        settings.remove("advertised.listeners");
        settings.remove("inter.broker.listener.name");
        return settings;
    }

    private static void node(Map<String, String> settings, Path data, int clientPort, int controllerPort) {
        String clients = CLIENTS + "://" + EmbeddedBroker.HOST + ":" + clientPort;
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(EmbeddedBroker.NODE_ID));
        // A static quorum is read from here at each start, so that the port may change from one to the next.
        settings.put(
                "controller.quorum.voters", EmbeddedBroker.NODE_ID + "@" + EmbeddedBroker.HOST + ":" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("listeners", clients + "," + CONTROLLER + "://" + EmbeddedBroker.HOST + ":" + controllerPort);
        settings.put("advertised.listeners", clients);
        settings.put("listener.security.protocol.map", CLIENTS + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.put("inter.broker.listener.name", CLIENTS);
        settings.put("log.dirs", data.toString());
        settings.put("auto.create.topics.enable", "false");
        // Above what any topic asks for, so that the topics' own limits are the ones that count.
        settings.put("message.max.bytes", Integer.toString(16 * MIB));
        settings.put("replica.fetch.max.bytes", Integer.toString(16 * MIB));
        // A laptop that was away for a month must not start over: positions outlive what topics keep.
        settings.put(
                "offsets.retention.minutes", Long.toString(Duration.ofDays(365).toMinutes()));
    }

    private static void oneReplica(Map<String, String> settings) {
        settings.put("num.partitions", "1");
        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        for (String topic : new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
            settings.put(topic + ".replication.factor", "1");
            settings.put(topic + ".num.partitions", "8");
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
    }

    private static void quickToNotice(Map<String, String> settings) {
        // After kill -9 the node waits until its own old session has ended before it may register again.
        settings.put("broker.session.timeout.ms", "1500");
        settings.put("broker.heartbeat.interval.ms", "300");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("group.min.session.timeout.ms", "1000");
        // What a killed producer left open holds back every reader of committed records until it is aborted.
        settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
        settings.put("controlled.shutdown.enable", "true");
        settings.put("initial.broker.registration.timeout.ms", "30000");
        settings.put("log.segment.delete.delay.ms", "1000");
    }

    private static void small(Map<String, String> settings) {
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        settings.put("group.coordinator.threads", "1");
        settings.put("share.coordinator.threads", "1");
        settings.put("num.recovery.threads.per.data.dir", "2");
        settings.put("log.segment.bytes", Integer.toString(256 * MIB));
        settings.put("log.index.size.max.bytes", Integer.toString(2 * MIB));
        settings.put("log.preallocate", "false");
        // 24 bytes per key: 600,000 keys in one pass, and several passes when there are more.
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 * MIB));
        settings.put("offsets.topic.segment.bytes", Integer.toString(16 * MIB));
        settings.put("transaction.state.log.segment.bytes", Integer.toString(16 * MIB));
        settings.put("offsets.load.buffer.size", Integer.toString(MIB));
        settings.put("transaction.state.log.load.buffer.size", Integer.toString(MIB));
        settings.put("metadata.log.segment.bytes", Integer.toString(16 * MIB));
        // A heartbeat record twice a second, each with its fsync, tells nothing to a quorum of one.
        settings.put("metadata.max.idle.interval.ms", "0");
    }
}
