package io.penstock.gateway;

import io.penstock.enrich.EnrichmentTopology;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.Topics;
import io.penstock.schema.RawRecord;
import io.penstock.serde.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.BiPredicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * The Kafka topics and groups of a Penstock topic. Its subject in the registry stays: messages that were copied elsewhere still
 * name its schema ids.
 */
public final class KafkaTopicResources implements TopicResources, EnrichmentRemains {
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final Admin admin;
    private final KafkaProvisioner provisioner;
    private final SchemaRegistry registry;
    private final int partitions;
    private final BiPredicate<String, String> runsHere;

    /**
     * @param runsHere whether the enrichment of topic and incarnation is still hosted by this app instance
     */
    public KafkaTopicResources(
            Admin admin,
            KafkaProvisioner provisioner,
            SchemaRegistry registry,
            int partitions,
            BiPredicate<String, String> runsHere) {
        this.admin = admin;
        this.provisioner = provisioner;
        this.registry = registry;
        this.partitions = partitions;
        this.runsHere = runsHere;
    }

    @Override
    public String create(String topic) {
        Uuid id = provisioner.make(FixedTopics.raw(topic, partitions));
        // Registered now, so that nothing registers while records flow.
        var _ = registry.register(Topics.raw(topic) + "-value", RawRecord.getClassSchema());
        return id.toString();
    }

    @Override
    public Optional<String> find(String topic) {
        return provisioner.id(Topics.raw(topic)).map(Uuid::toString);
    }

    @Override
    public void awaitEnrichmentClosed(String topic, String incarnation, Duration patience) throws InterruptedException {
        String group = EnrichmentTopology.applicationId(topic, incarnation);
        long deadline = System.nanoTime() + patience.toNanos();
        // One that is only starting is in no group yet, and would still make its internal topics.
        while (runsHere.test(topic, incarnation) || !isEmpty(group)) {
            if (System.nanoTime() > deadline) {
                throw new PenstockException(
                        ErrorCode.NOT_READY, "An instance of " + group + " is still running; it is tried again.");
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    private boolean isEmpty(String group) throws InterruptedException {
        try {
            GroupState state = admin.describeConsumerGroups(List.of(group))
                    .all()
                    .get()
                    .values()
                    .iterator()
                    .next()
                    .groupState();
            return state == GroupState.EMPTY || state == GroupState.DEAD;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return true;
            }
            throw new PenstockException(ErrorCode.NOT_READY, "Kafka did not describe the group " + group + ".", e);
        }
    }

    @Override
    public void delete(String topic, String incarnation, Optional<String> kafkaTopicId) {
        kafkaTopicId.map(Uuid::fromString).ifPresent(provisioner::deleteTopic);
        delete(EnrichmentTopology.applicationId(topic, incarnation));
    }

    @Override
    public Set<String> applications() {
        Set<String> applications = new TreeSet<>();
        provisioner.groups().stream()
                .filter(group -> group.startsWith(EnrichmentTopology.APPLICATION_PREFIX))
                .forEach(applications::add);
        provisioner.topics().stream()
                .flatMap(name -> EnrichmentTopology.applicationOf(name).stream())
                .forEach(applications::add);
        return applications;
    }

    @Override
    public void delete(String application) {
        provisioner.deleteGroups(List.of(application)); // fails while it has members, which use the topics
        provisioner.deleteTopics(EnrichmentTopology.internalTopics(application));
    }
}
