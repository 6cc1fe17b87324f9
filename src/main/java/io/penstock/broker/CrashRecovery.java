package io.penstock.broker;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.ObjectName;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes before a start after a crash: the node's former self is fenced, so that no partition has a leader.
 *
 * <p>Without this a single node begins with the leaders of its former life, takes up transactions that were being committed, and
 * loses all leaders a moment later, when it registers anew. A marker that is due in that moment finds no leader, is taken for one
 * of a deleted topic and is dropped: the transaction counts as committed, yet stays open in its partitions for ever, and holds
 * back every reader of committed records (Kafka 4.3.1, {@code KRaftMetadataCache.getPartitionLeaderEndpoint} gives nothing for
 * a partition without leader). With all leaders gone before the start, they come back together with the registration.
 */
final class CrashRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(CrashRecovery.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private static final String ACTIVE = "ActiveBrokerCount";
    private static final String FENCED = "FencedBrokerCount";

    private CrashRecovery() {}

    /** Whether the folder was in use and was not left in order. */
    static boolean isNeeded(Path data) {
        // Kafka writes the second file as the last thing of an orderly stop, and removes it at the next start.
        return Files.exists(data.resolve("recovery-point-offset-checkpoint"))
                && !Files.exists(data.resolve(".kafka_cleanshutdown"));
    }

    /** Runs the node as its controller alone until it has seen that its broker is gone. */
    static void fence(Path data, int controllerPort) {
        LOG.info("Kafka was not stopped in order the last time; recovering");
        KafkaRaftServer controller = new KafkaRaftServer(
                new KafkaConfig(BrokerSettings.controllerOnly(data, controllerPort), false), Time.SYSTEM);
        EmbeddedBroker.start(controller);
        try {
            awaitFenced();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PenstockException(ErrorCode.NOT_READY, "Stopped while Kafka was recovering.", e);
        } finally {
            controller.shutdown();
            controller.awaitShutdown();
        }
    }

    private static void awaitFenced() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (count(FENCED) == 0 || count(ACTIVE) > 0) {
            if (System.nanoTime() > deadline) {
                // A crash before the first registration leaves nothing to fence; then all is well.
                LOG.warn("Kafka's controller knows {} active and {} fenced brokers", count(ACTIVE), count(FENCED));
                return;
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    /** A number that the controller publishes of its brokers; 0 while it does not. */
    private static int count(String name) {
        try {
            Object value = ManagementFactory.getPlatformMBeanServer()
                    .getAttribute(new ObjectName("kafka.controller:type=KafkaController,name=" + name), "Value");
            return value instanceof Number number ? number.intValue() : 0;
        } catch (InstanceNotFoundException e) {
            return 0;
        } catch (JMException e) {
            throw new IllegalStateException("Kafka's metric " + name + " cannot be read", e);
        }
    }
}
