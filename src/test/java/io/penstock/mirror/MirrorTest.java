package io.penstock.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.schema.Inference;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** On a broker, with a target in memory: what a mirror does when its other side, or it itself, is away. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
class MirrorTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String RECORD = "harbour/notices/p/";

    private final String name = "memory-" + NUMBERS.incrementAndGet();
    private final String topic = "mirrored-" + name;
    private final KafkaSettings kafka;
    private final Admin admin;
    private final Producer<byte[], byte[]> producer;
    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final AvroCodec<Inference> codec = serdes.codec(Inference.class);
    private final Map<String, String> expected = new TreeMap<>();
    private final MemoryTarget target = new MemoryTarget(name);
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final List<Mirror> opened = new CopyOnWriteArrayList<>();

    MirrorTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        admin = Admin.create(kafka.admin());
        new KafkaProvisioner(admin, (short) 1).ensure(List.of(TopicSpec.compacted(topic, 2, Duration.ofDays(7))));
        producer = new KafkaProducer<>(kafka.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void stop() {
        opened.forEach(Mirror::close);
        producer.close();
        new KafkaProvisioner(admin, (short) 1).deleteTopics(List.of(topic));
        admin.close();
    }

    private Mirror mirror(String instance) {
        Mirror mirror = Mirrors.mirror(
                target,
                new Mirrors.Sources(
                        kafka,
                        settings ->
                                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
                        serdes,
                        Map.of(MirrorSource.RECORDS, topic),
                        "this one",
                        instance),
                () -> Instant.now().plus(ahead.get()));
        opened.add(mirror);
        mirror.start();
        return mirror;
    }

    private void put(int item, String text) {
        String id = RECORD + item;
        expected.put(id, text);
        send(id, codec.encode(topic, (Inference) Samples.inference(id, text).value()));
    }

    private void delete(int item) {
        expected.remove(RECORD + item);
        send(RECORD + item, null);
    }

    private void send(String key, byte @Nullable [] value) {
        var _ = producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value));
        producer.flush();
    }

    private void awaitEqual() {
        await("the target holds what is live")
                .untilAsserted(() -> assertThat(new HashMap<>(target.held)).isEqualTo(expected));
    }

    private static void awaitUp(Mirror mirror) {
        await("the mirror is up and has no backlog").untilAsserted(() -> {
            assertThat(mirror.status().state()).isEqualTo(MirrorState.UP);
            assertThat(mirror.status().backlog()).isZero();
        });
    }

    private static org.awaitility.core.ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
    }

    @Test
    void shouldHoldWhatIsLiveAndNothingElse() {
        target.held.put(RECORD + "of before", "not live");
        for (int i = 0; i < 30; i++) {
            put(i, "text " + i);
        }
        put(3, "changed");
        delete(4);
        Mirror mirror = mirror("a");

        awaitEqual();
        awaitUp(mirror);
        assertThat(mirror.status().rebuilds()).isOne();

        put(5, "changed later");
        delete(6);
        put(100, "new");
        awaitEqual();
        assertThat(mirror.status().rebuilds()).isOne();
        assertThat(target.mark).isEqualTo("this one");
    }

    @Test
    void shouldBridgeAnOutageAndWriteEachChangeOnce() {
        put(0, "first");
        Mirror mirror = mirror("a");
        awaitUp(mirror);
        long before = target.upserts.get();

        target.requestsLeft.set(1); // breaks off in the middle of a batch
        for (int i = 1; i <= 50; i++) {
            put(i, "text " + i);
        }
        await("the outage is seen").untilAsserted(() -> {
            assertThat(mirror.status().state()).isEqualTo(MirrorState.DOWN);
            assertThat(mirror.status().backlog()).isPositive();
            assertThat(mirror.status().error()).isNotNull();
        });
        for (int i = 1; i <= 20; i++) {
            delete(i);
        }
        await("the backlog grows")
                .untilAsserted(() -> assertThat(mirror.status().backlog()).isBetween(20L, 71L));
        assertThat(target.held).isNotEqualTo(expected);
        target.away = false;

        awaitEqual();
        awaitUp(mirror);
        assertThat(target.upserts.get() - before).isBetween(30L, 50L);
        assertThat(mirror.status().upserts()).isEqualTo(target.upserts.get());
        assertThat(mirror.status().rebuilds()).isOne();
    }

    @Test
    void shouldGoOnWhereItStopped() {
        put(1, "one");
        put(2, "two");
        Mirror first = mirror("a");
        awaitUp(first);
        first.close();
        long before = target.upserts.get();

        put(2, "other");
        delete(1);
        Mirror second = mirror("a");
        awaitEqual();
        awaitUp(second);

        assertThat(target.upserts.get() - before).isOne();
        assertThat(second.status().rebuilds()).isZero();
    }

    @Test
    void shouldRebuildByOrderAndNeverBeEmptyMeanwhile() {
        for (int i = 0; i < 40; i++) {
            put(i, "text " + i);
        }
        Mirror mirror = mirror("a");
        awaitUp(mirror);
        target.held.put(RECORD + "strange", "not live");
        target.held.remove(RECORD + 7);
        target.held.put(RECORD + 8, "spoilt");
        target.fewest = Integer.MAX_VALUE;

        assertThat(mirror.rebuild()).isTrue();

        awaitEqual();
        await("the rebuild is complete")
                .untilAsserted(() -> assertThat(mirror.status().rebuilds()).isEqualTo(2));
        assertThat(target.fewest).isGreaterThanOrEqualTo(39);
        awaitUp(mirror);
        assertThat(mirror.status().rebuiltAt()).isNotNull();
    }

    @Test
    void shouldRebuildATargetThatLostItsData() {
        put(1, "one");
        put(2, "two");
        Mirror mirror = mirror("a");
        awaitUp(mirror);

        target.forgetEverything();

        awaitEqual();
    }

    @Test
    void shouldBeginARebuildAnewWhenItsBeginningIsLost() {
        for (int i = 0; i < 40; i++) {
            put(i, "text " + i);
        }
        target.requestsLeft.set(2);
        Mirror mirror = mirror("a");
        await("it has begun").untilAsserted(() -> {
            assertThat(mirror.status().state()).isEqualTo(MirrorState.DOWN);
            assertThat(target.held).isNotEmpty();
        });
        target.forgetEverything();
        target.away = false;

        awaitEqual();
        awaitUp(mirror);
    }

    @Test
    void shouldRebuildAfterAnAbsenceInWhichDeletionsMayHaveBeenForgotten() {
        put(1, "one");
        Mirror first = mirror("a");
        awaitUp(first);
        first.close();
        target.held.put(RECORD + "2", "its deletion was compacted away");

        ahead.set(Duration.ofHours(13));
        Mirror second = mirror("a");

        awaitEqual();
        await("the rebuild is complete")
                .untilAsserted(() -> assertThat(second.status().rebuilds()).isOne());
    }

    @Test
    void shouldPassOverWhatCannotBeReadOrIsRefused() {
        put(0, "first");
        Mirror mirror = mirror("a");
        awaitUp(mirror);
        target.refused = RECORD + "2";

        for (int i = 1; i < 5; i++) {
            put(i, "text " + i);
        }
        send(RECORD + "poison", "no avro".getBytes(UTF_8));
        put(5, "last");
        expected.remove(RECORD + "2");

        awaitEqual();
        await("both are counted")
                .untilAsserted(() -> assertThat(mirror.status().skipped()).isEqualTo(2));
        awaitUp(mirror);
    }

    @Test
    void shouldHaveOneInstanceWriteAndAnotherGoOnWhenItEnds() {
        put(1, "one");
        Mirror first = mirror("a");
        awaitUp(first);
        Mirror second = mirror("b");
        await("the second stands by").untilAsserted(() -> {
            assertThat(second.status().state()).isEqualTo(MirrorState.STANDBY);
            assertThat(first.status().state()).isEqualTo(MirrorState.UP);
        });
        assertThat(second.rebuild()).isFalse();
        put(2, "two");
        awaitEqual();
        assertThat(second.status().upserts()).isZero();
        long before = target.upserts.get();

        first.close();
        put(3, "three");
        delete(1);

        awaitEqual();
        awaitUp(second);
        assertThat(second.status().rebuilds()).isZero();
        assertThat(target.upserts.get() - before).isOne();
    }
}
