package io.penstock.soak;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One guarantee with one number of instances: kills them again and again while records come in, lets all come to its end, and
 * compares.
 */
final class StageCombination implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration AIM = Duration.ofSeconds(12);
    /** A dead instance is waited for until its session has expired. */
    private static final int LONGEST_TAKEOVER_MS = 9_000;

    private final String bootstrapServers;
    private final String application;
    private final Guarantee guarantee;
    private final Pace pace;
    private final Random random;
    private final SoakTopics topics;
    private final List<StageInstance> instances = new ArrayList<>();
    private final Map<Moment, Integer> hit = new EnumMap<>(Moment.class);
    private StageInstance newest;

    enum Guarantee {
        EXACTLY_ONCE_V2("exactly_once_v2"),
        AT_LEAST_ONCE("at_least_once");

        final String setting;

        Guarantee(String setting) {
            this.setting = setting;
        }
    }

    /** When an instance is killed. */
    private enum Moment {
        /** At work, some time after it began. */
        WORKING,
        /** Soon after its process was started. */
        STARTING,
        /** While it restores what was pending. */
        RESTORING,
        /** While tasks change hands. */
        REBALANCING
    }

    /** What came of it. */
    record Result(
            String application,
            int kills,
            int inputs,
            long poison,
            List<Long> lost,
            int doubled,
            int misordered,
            int calls,
            long callsNeeded,
            List<String> faults,
            Map<String, Integer> moments) {}

    StageCombination(String bootstrapServers, Path folder, Guarantee guarantee, int instanceCount, Pace pace, long seed)
            throws IOException {
        this.bootstrapServers = bootstrapServers;
        this.application = guarantee.setting.replace('_', '-') + "-" + instanceCount;
        this.guarantee = guarantee;
        this.pace = pace;
        this.random = new Random(seed + application.hashCode());
        this.topics = SoakTopics.of(application);
        for (int i = 1; i <= instanceCount; i++) {
            instances.add(new StageInstance(
                    folder.resolve(application + "-" + i),
                    bootstrapServers,
                    application,
                    guarantee.setting,
                    pace.callTimeout().toMillis()));
        }
        newest = instances.getFirst();
    }

    Result run(int kills) throws Exception {
        topics.create(bootstrapServers);
        List<Sent> sent;
        try (Feeder feeder = new Feeder(bootstrapServers, topics, pace, new Random(random.nextLong()));
                Outcomes outcomes = new Outcomes(bootstrapServers, topics)) {
            for (StageInstance instance : instances) {
                instance.start();
                newest = instance;
            }
            for (Moment moment : moments(kills)) {
                kill(moment);
            }
            sent = feeder.stop();
            outcomes.awaitAll(sent.stream().map(one -> one.work().id()).collect(Collectors.toSet()), pace.patience());
            awaitRest();
            for (StageInstance instance : instances) {
                instance.finish();
            }
            outcomes.readToEnd();
            return compared(kills, sent, outcomes);
        }
    }

    /** At work first; then all moments in turn, in some order. */
    private List<Moment> moments(int kills) {
        List<Moment> turns = new ArrayList<>(List.of(Moment.STARTING, Moment.RESTORING, Moment.REBALANCING));
        Collections.shuffle(turns, random);
        turns.addFirst(Moment.WORKING);
        List<Moment> moments = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            moments.add(turns.get(i % turns.size()));
        }
        return moments;
    }

    private void kill(Moment moment) throws Exception {
        StageInstance victim;
        boolean aimed = true;
        switch (moment) {
            case WORKING -> {
                victim = instances.get(random.nextInt(instances.size()));
                aimed = within(START, victim::isRunning);
                pause(300 + random.nextInt((int) pace.longestWork().toMillis()));
            }
            case STARTING -> {
                victim = newest;
                pause(random.nextInt(2_500));
            }
            case RESTORING -> {
                victim = newest;
                aimed = within(AIM, victim::hasRestored);
                pause(random.nextInt(100));
            }
            case REBALANCING -> {
                // Of two the one that did not bring the rebalance about.
                victim = instances.stream()
                        .filter(instance -> instance != newest)
                        .findAny()
                        .orElse(newest);
                aimed = within(AIM, victim::isRebalancing);
                pause(random.nextInt(300));
            }
            default -> throw new IllegalStateException(moment.name());
        }
        victim.kill();
        if (aimed) {
            hit.merge(moment, 1, Integer::sum);
        }
        if (instances.size() > 1 && moment == Moment.WORKING && random.nextBoolean()) {
            pause(random.nextInt(LONGEST_TAKEOVER_MS)); // the other one takes over meanwhile, in part or all
        }
        victim.start();
        newest = victim;
    }

    /** Until nothing is to be done any more. */
    private void awaitRest() {
        for (StageInstance instance : instances) {
            within(START, instance::isRunning);
        }
        if (!within(START, () -> pending() == 0 && isRead())) {
            throw new AssertionError(application + " does not come to rest: " + pending() + " are pending");
        }
    }

    private long pending() {
        long pending = 0;
        for (StageInstance instance : instances) {
            try {
                pending += instance.pending();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
        return pending;
    }

    private boolean isRead() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            Map<TopicPartition, OffsetAndMetadata> read = admin.listConsumerGroupOffsets(application)
                    .partitionsToOffsetAndMetadata()
                    .get(10, TimeUnit.SECONDS);
            Map<TopicPartition, Long> ends = admin
                    .listOffsets(read.keySet().stream().collect(Collectors.toMap(p -> p, _ -> OffsetSpec.latest())))
                    .all()
                    .get(10, TimeUnit.SECONDS)
                    .entrySet()
                    .stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, end -> end.getValue().offset()));
            return read.entrySet().stream()
                    .allMatch(at -> Long.valueOf(at.getValue().offset()).equals(ends.get(at.getKey())));
        }
    }

    private Result compared(int kills, List<Sent> sent, Outcomes outcomes) throws IOException {
        Comparison comparison = new Comparison(sent);
        comparison.outcomes(outcomes.outcomes(), topics.ordered());
        comparison.deadLetters(outcomes.deadLetters());
        List<String> calls = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        for (StageInstance instance : instances) {
            calls.addAll(instance.calls());
            faults.addAll(instance.failures());
        }
        // A kill moves tasks when the dead instance is missed, and when it is back; each move begins calls anew. Under
        // at-least-once what was not committed is read again besides, and made for each copy.
        int moves = 1 + 3 * kills;
        comparison.calls(calls, guarantee == Guarantee.EXACTLY_ONCE_V2 ? moves : 2 * moves);
        faults.addAll(comparison.faults());
        return new Result(
                application,
                kills,
                sent.size(),
                comparison.poison(),
                comparison.lost(),
                comparison.doubled(),
                comparison.misordered(),
                calls.size(),
                sent.stream().mapToLong(one -> one.work().attempts()).sum(),
                faults,
                hit.entrySet().stream()
                        .collect(Collectors.toMap(
                                entry -> entry.getKey().name().toLowerCase(Locale.ROOT), Map.Entry::getValue)));
    }

    private static boolean within(Duration patience, Callable<Boolean> condition) {
        try {
            Awaitility.await()
                    .atMost(patience)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .until(condition);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private static void pause(int millis) {
        Awaitility.await()
                .pollDelay(Duration.ofMillis(millis))
                .atMost(Duration.ofMillis(millis).plusSeconds(10))
                .until(() -> true);
    }

    @Override
    public void close() throws IOException {
        for (StageInstance instance : instances) {
            instance.close();
        }
    }
}
