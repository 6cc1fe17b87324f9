package io.penstock.kafka;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and removes Kafka topics and groups, by their exact names and idempotently: several instances may do the same at once,
 * and a step that a crash interrupted may be repeated. May be called from any thread; does not close the admin client.
 */
public final class KafkaProvisioner {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaProvisioner.class);
    private static final Duration CALL = Duration.ofSeconds(30);
    private static final Duration SETTLE = Duration.ofSeconds(30);
    private static final long PAUSE_MS = 50;

    private final Admin admin;
    private final short replicationFactor;

    /** @param replicationFactor of every topic it makes; -1 leaves it to the brokers */
    public KafkaProvisioner(Admin admin, short replicationFactor) {
        this.admin = admin;
        this.replicationFactor = replicationFactor;
    }

    /**
     * Makes the topics that do not exist, checks those that do, and returns when every partition has a leader.
     *
     * @throws PenstockException {@code config.invalid} when a topic has another number of partitions or another cleanup
     *     policy, naming all such topics; {@code not-ready} when Kafka does not answer
     */
    public void ensure(Collection<TopicSpec> specs) {
        Map<String, TopicSpec> wanted =
                specs.stream().collect(Collectors.toMap(TopicSpec::name, spec -> spec, (first, second) -> second));
        Set<String> existing = topics();
        List<TopicSpec> missing = wanted.values().stream()
                .filter(spec -> !existing.contains(spec.name()))
                .toList();
        create(missing);
        await(() -> haveLeaders(wanted.keySet()), "Kafka did not give all topics a leader");
        check(wanted);
    }

    /**
     * Makes a topic, or checks the one that is there, and returns when every partition has a leader.
     *
     * @return Kafka's id of it, which no other topic ever has, not even one of the same name
     * @throws PenstockException {@code config.invalid} when it is there with other settings; {@code not-ready}
     */
    public Uuid make(TopicSpec spec) {
        // Asked of the controller, for a listing may still show a topic that was deleted a moment ago.
        Optional<Uuid> made = create(spec);
        await(
                () -> id(spec.name())
                                .filter(id -> made.isEmpty() || made.get().equals(id))
                                .isPresent()
                        && haveLeaders(Set.of(spec.name())),
                "Kafka did not give " + spec.name() + " a leader");
        check(Map.of(spec.name(), spec));
        return made.or(() -> id(spec.name())).orElseThrow();
    }

    private Optional<Uuid> create(TopicSpec spec) {
        CreateTopicsResult result = admin.createTopics(List.of(newTopic(spec)));
        try {
            Uuid id = get(result.topicId(spec.name()), "create the topic " + spec.name());
            LOG.info("Made the Kafka topic {}", spec.name());
            return Optional.of(id);
        } catch (PenstockException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Kafka's id of a topic; empty when there is none of that name. */
    public Optional<Uuid> id(String topic) {
        return get(admin.listTopics().listings(), "list the topics").stream()
                .filter(listing -> listing.name().equals(topic))
                .map(TopicListing::topicId)
                .findFirst();
    }

    /** Deletes a topic by its id, and returns when it is gone; another one that bears its name by now is left alone. */
    public void deleteTopic(Uuid id) {
        tolerate(
                admin.deleteTopics(TopicCollection.ofTopicIds(List.of(id))).all(),
                UnknownTopicIdException.class,
                "delete the topic with the id " + id);
        await(
                () -> get(admin.listTopics().listings(), "list the topics").stream()
                        .noneMatch(listing -> listing.topicId().equals(id)),
                "Kafka did not delete the topic with the id " + id);
    }

    /** Deletes topics by their exact names, and returns when they are gone. Those that do not exist are passed over. */
    public void deleteTopics(Collection<String> names) {
        Map<String, KafkaFuture<Void>> results =
                admin.deleteTopics(List.copyOf(names)).topicNameValues();
        results.forEach((name, result) -> tolerate(result, UnknownTopicOrPartitionException.class, "delete " + name));
        await(() -> topics().stream().noneMatch(names::contains), "Kafka did not delete all of " + names);
    }

    /**
     * Deletes consumer groups by their exact names. Those that do not exist are passed over.
     *
     * @throws PenstockException {@code not-ready} while a group still has members: try again when they have left
     */
    public void deleteGroups(Collection<String> names) {
        Map<String, KafkaFuture<Void>> results =
                admin.deleteConsumerGroups(List.copyOf(names)).deletedGroups();
        results.forEach((name, result) ->
                tolerate(result, GroupIdNotFoundException.class, "delete the consumer group " + name));
    }

    /** The names of all topics, without Kafka's own. */
    public Set<String> topics() {
        return new TreeSet<>(get(admin.listTopics().names(), "list the topics"));
    }

    /** The names of all groups. */
    public Set<String> groups() {
        return get(admin.listGroups().valid(), "list the groups").stream()
                .map(GroupListing::groupId)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void create(List<TopicSpec> missing) {
        if (missing.isEmpty()) {
            return;
        }
        admin.createTopics(missing.stream().map(this::newTopic).toList())
                .values()
                .forEach((name, result) -> tolerate(result, TopicExistsException.class, "create the topic " + name));
        LOG.info(
                "Made the Kafka topics {}",
                missing.stream().map(TopicSpec::name).sorted().toList());
    }

    private NewTopic newTopic(TopicSpec spec) {
        return new NewTopic(
                        spec.name(),
                        Optional.of(spec.partitions()),
                        replicationFactor < 0 ? Optional.empty() : Optional.of(replicationFactor))
                .configs(spec.config());
    }

    private void check(Map<String, TopicSpec> wanted) {
        List<String> wrong = new ArrayList<>();
        get(admin.describeTopics(wanted.keySet()).allTopicNames(), "describe the topics")
                .forEach((name, found) -> {
                    TopicSpec spec = wanted.get(name);
                    if (spec != null && found.partitions().size() != spec.partitions()) {
                        wrong.add("the Kafka topic " + name + " has "
                                + found.partitions().size() + " partitions where " + spec.partitions()
                                + " are wanted");
                    }
                });
        configs(wanted.keySet()).forEach((name, found) -> {
            TopicSpec spec = wanted.get(name);
            if (spec != null) {
                compare(spec, found, wrong);
            }
        });
        if (!wrong.isEmpty()) {
            wrong.sort(String::compareTo);
            throw new PenstockException(
                    ErrorCode.CONFIG_INVALID,
                    "Kafka's topics do not fit: " + String.join("; ", wrong)
                            + ". The number of partitions is fixed when a topic is made: set PENSTOCK_PARTITIONS to what"
                            + " the topics have, or start on another data folder or cluster, or delete these topics with"
                            + " what they hold.");
        }
    }

    /** Another policy loses data or never frees it; other settings are the operator's to change. */
    private static void compare(TopicSpec spec, Config found, List<String> wrong) {
        spec.config().forEach((setting, value) -> {
            ConfigEntry entry = found.get(setting);
            if (entry == null || value.equals(entry.value())) {
                return;
            }
            if (setting.equals(TopicConfig.CLEANUP_POLICY_CONFIG)) {
                wrong.add("the Kafka topic " + spec.name() + " has the cleanup policy " + entry.value() + " where "
                        + value + " is wanted");
            } else {
                LOG.warn(
                        "The Kafka topic {} has {}={}; Penstock's own is {}. It stays as it is.",
                        spec.name(),
                        setting,
                        entry.value(),
                        value);
            }
        });
    }

    private Map<String, Config> configs(Set<String> names) {
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<String, Config> configs = new HashMap<>();
        get(admin.describeConfigs(resources).all(), "read the topics' settings")
                .forEach((resource, config) -> configs.put(resource.name(), config));
        return configs;
    }

    private boolean haveLeaders(Set<String> names) {
        try {
            Map<String, TopicDescription> found =
                    get(admin.describeTopics(names).allTopicNames(), "describe the topics");
            return found.values().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition -> partition.leader() != null);
        } catch (PenstockException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false; // the broker that was asked has not heard of it yet
            }
            throw e;
        }
    }

    private static void await(BooleanSupplier condition, String otherwise) {
        long deadline = System.nanoTime() + SETTLE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new PenstockException(
                        ErrorCode.NOT_READY, otherwise + " within " + SETTLE.toSeconds() + " s; look at the brokers.");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
            } catch (InterruptedException e) {
                throw interrupted(otherwise, e);
            }
        }
    }

    private static void tolerate(KafkaFuture<Void> result, Class<? extends Exception> expected, String what) {
        try {
            get(result, what);
        } catch (PenstockException e) {
            if (!expected.isInstance(e.getCause())) {
                throw e;
            }
        }
    }

    private static <T> T get(KafkaFuture<T> future, String what) {
        try {
            return future.get(CALL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw interrupted(what, e);
        } catch (ExecutionException e) {
            throw failed(what, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw failed(what, e);
        }
    }

    private static PenstockException failed(String what, Throwable cause) {
        String advice = cause instanceof GroupNotEmptyException
                ? "Its members have not left yet; try again."
                : "Check KAFKA_BOOTSTRAP_SERVERS, the kafka.* settings and this user's rights.";
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new PenstockException(
                ErrorCode.NOT_READY, "Kafka could not " + what + ": " + reason + " " + advice, cause);
    }

    private static PenstockException interrupted(String what, @Nullable InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new PenstockException(ErrorCode.NOT_READY, "Stopped while waiting for Kafka: " + what + ".", cause);
    }
}
