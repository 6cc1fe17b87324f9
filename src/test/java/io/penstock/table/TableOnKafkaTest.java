package io.penstock.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.kafka.TopicSpec;
import io.penstock.schema.Turn;
import io.penstock.serde.AvroCodec;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.table.TableWriter.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(SharedBroker.class)
class TableOnKafkaTest {
    private static final String TABLE = "table-test";
    private static final int KEYS = 15;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AvroCodec<Turn> codec = new AvroSerdes(new MemoryRegistry()).codec(Turn.class);
    private final ChangeSignal changes = new ChangeSignal();
    private final KafkaSettings kafka;
    private final Admin admin;
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
    private final KafkaStreams streams;

    TableOnKafkaTest(EmbeddedBroker broker) {
        kafka = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        admin = Admin.create(kafka.admin());
        new KafkaProvisioner(admin, (short) 1).ensure(List.of(TopicSpec.compacted(TABLE, 1, Duration.ofDays(7))));
        streams = streams(changes);
    }

    private KafkaStreams streams(ChangeSignal signal) {
        Topology topology = new Topology();
        GlobalTableNode.add(topology, TABLE, signal);
        Properties properties = new Properties();
        properties.putAll(kafka.streams());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, TABLE);
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                SharedBroker.newFolder().toAbsolutePath().toString());
        return new KafkaStreams(topology, properties);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable part : opened) {
            part.close();
        }
        streams.close(PATIENCE);
        new KafkaProvisioner(admin, (short) 1).deleteTopics(List.of(TABLE));
        admin.close();
    }

    @Test
    void shouldHoldWhatWasWrittenOnceTheWriterReturns() {
        GlobalTable<Turn> table = table(() -> Optional.of(streams), PATIENCE);
        streams.start();
        TableWriter<Turn> writer = writer(table, changes);

        for (int i = 0; i < 20; i++) {
            writer.put("a/" + i, turn("text " + i));
            assertThat(table.get("a/" + i)).contains(turn("text " + i));
        }
        writer.put("b/1", turn("other"));
        writer.put("a/1", turn("changed"));
        writer.delete("a/2");

        assertThat(table.get("a/2")).isEmpty();
        assertThat(table.startingWith("a/1").keySet())
                .containsExactly("a/1", "a/10", "a/11", "a/12", "a/13", "a/14", "a/15", "a/16", "a/17", "a/18", "a/19");
        assertThat(table.get("a/1")).contains(turn("changed"));
        assertThat(table.startingWith("")).hasSize(20);
    }

    @Test
    void shouldHoldEverythingAgainAfterARestartOnAnEmptyFolder() throws Exception {
        GlobalTable<Turn> first = table(() -> Optional.of(streams), PATIENCE);
        streams.start();
        TableWriter<Turn> writer = writer(first, changes);
        writer.put("kept", turn("kept"));
        writer.put("deleted", turn("deleted"));
        writer.delete("deleted");

        ChangeSignal secondChanges = new ChangeSignal();
        AtomicInteger told = new AtomicInteger();
        secondChanges.onChange(told::incrementAndGet);
        try (KafkaStreams other = streams(secondChanges)) {
            other.start();
            GlobalTable<Turn> second = table(() -> Optional.of(other), PATIENCE);

            assertThat(second.startingWith("").keySet()).containsExactly("kept");
            writer.put("later", turn("later"));
            assertThat(secondChanges.await(() -> second.get("later").isPresent(), PATIENCE))
                    .isTrue();
            assertThat(told).hasPositiveValue();
        }
    }

    @Test
    void shouldWaitForAnInstanceThatIsStarting() {
        AtomicInteger asked = new AtomicInteger();
        PatientStore store = new PatientStore(
                () -> {
                    if (asked.incrementAndGet() == 3) {
                        streams.start();
                    }
                    return asked.get() < 2 ? Optional.empty() : Optional.of(streams);
                },
                TABLE,
                PATIENCE);

        assertThat(store.get().get("nothing")).isNull();
        assertThat(asked).hasValueGreaterThanOrEqualTo(3);
    }

    @Test
    void shouldSayThatItIsNotReadyWhenPatienceIsOver() {
        Supplier<Optional<KafkaStreams>> notStarted = () -> Optional.of(streams);
        assertThatThrownBy(new PatientStore(notStarted, TABLE, Duration.ofMillis(50))::get)
                .isInstanceOf(InvalidStateStoreException.class);

        GlobalTable<Turn> table = table(Optional::empty, Duration.ofMillis(50));
        assertThatThrownBy(() -> table.get("a")).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY);
            assertThat(e.detail()).contains(TABLE);
        });
        assertThatThrownBy(() -> table.startingWith(""))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY));
    }

    @Test
    void shouldSayThatAChangeWasNotConfirmedWhenItCannotBeWritten() {
        GlobalTable<Turn> table = table(() -> Optional.of(streams), PATIENCE);
        streams.start();
        KafkaProducer<byte[], byte[]> closed = producer("closed");
        closed.close();
        TableWriter<Turn> writer = new TableWriter<>(TABLE, codec, _ -> closed, table, changes);

        assertThatThrownBy(() -> writer.put("a", turn("a"))).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.NOT_READY);
            assertThat(e.detail()).contains("'a'", TABLE);
        });
    }

    @Test
    void shouldLetOnlyOneOfSeveralInstancesDecide() throws Exception {
        ChangeSignal otherChanges = new ChangeSignal();
        try (KafkaStreams other = streams(otherChanges)) {
            streams.start();
            other.start();
            GlobalTable<Turn> here = table(() -> Optional.of(streams), PATIENCE);
            GlobalTable<Turn> there = table(() -> Optional.of(other), PATIENCE);
            TableWriter<Turn> first = writer(here, changes);
            TableWriter<Turn> second = writer(there, otherChanges);
            AtomicInteger created = new AtomicInteger();
            CyclicBarrier together = new CyclicBarrier(2);

            try (ExecutorService instances = Executors.newFixedThreadPool(2)) {
                Future<?> one = instances.submit(() -> createAll("one", first, here, together, created));
                Future<?> two = instances.submit(() -> createAll("two", second, there, together, created));
                one.get(50, TimeUnit.SECONDS);
                two.get(50, TimeUnit.SECONDS);
            }

            assertThat(created).hasValue(KEYS);
            assertThat(here.startingWith("")).hasSize(KEYS).isEqualTo(there.startingWith(""));
        }
    }

    /** Creates each key unless it is there, at the same time as the other instance does; counts those it created. */
    private static void createAll(
            String who,
            TableWriter<Turn> writer,
            GlobalTable<Turn> table,
            CyclicBarrier together,
            AtomicInteger created) {
        for (int i = 0; i < KEYS; i++) {
            String key = "key/" + i;
            try {
                together.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            String winner = writer.update(
                    "A creation",
                    () -> table.get(key)
                            .map(turn -> Update.<Turn, String>none(turn.getMessage()))
                            .orElseGet(() -> Update.put(key, turn(who), who)));
            assertThat(table.get(key).orElseThrow().getMessage()).isEqualTo(winner);
            if (winner.equals(who)) {
                created.incrementAndGet();
            }
        }
    }

    @Test
    void shouldDecideAnewWhenAnotherInstanceCameBetween() {
        GlobalTable<Turn> table = table(() -> Optional.of(streams), PATIENCE);
        streams.start();
        TableWriter<Turn> slow = writer(table, changes);
        TableWriter<Turn> fast = writer(table, changes);
        AtomicInteger decisions = new AtomicInteger();

        String seen = slow.update("A change", () -> {
            String before = table.get("a").map(Turn::getMessage).orElse("nothing");
            if (decisions.incrementAndGet() == 1) {
                fast.put("a", turn("fast"));
            }
            return Update.put("a", turn("slow after " + before), before);
        });

        assertThat(decisions).hasValue(2);
        assertThat(seen).isEqualTo("fast");
        assertThat(table.get("a")).contains(turn("slow after fast"));
    }

    @Test
    void shouldWriteSeveralEntriesAtOnceAndNothingWhenTheDecisionFails() {
        GlobalTable<Turn> table = table(() -> Optional.of(streams), PATIENCE);
        streams.start();
        TableWriter<Turn> writer = writer(table, changes);
        writer.put("a", turn("a"));
        writer.put("b", turn("b"));
        writer.put("c", turn("c"));

        assertThat(writer.update("The end", () -> Update.delete(List.of("a", "b"), "done")))
                .isEqualTo("done");
        assertThatThrownBy(() -> writer.update("A change", () -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(table.startingWith("").keySet()).containsExactly("c");
    }

    @Test
    void shouldRefuseWhatIsTooLargeAndGoOn() {
        GlobalTable<Turn> table = table(() -> Optional.of(streams), PATIENCE);
        streams.start();
        TableWriter<Turn> writer = writer(table, changes);

        assertThatThrownBy(() -> writer.put("a", turn("x".repeat(9 << 20))))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.detail()).contains("'a'", "max.request.size"));
        writer.put("a", turn("small"));

        assertThat(table.get("a")).contains(turn("small"));
    }

    private TableWriter<Turn> writer(GlobalTable<Turn> table, ChangeSignal signal) {
        TableWriter<Turn> writer = new TableWriter<>(TABLE, codec, this::producer, table, signal);
        opened.add(writer);
        return writer;
    }

    private KafkaProducer<byte[], byte[]> producer(String transactionalId) {
        Map<String, Object> config = new HashMap<>(kafka.producer());
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private GlobalTable<Turn> table(Supplier<Optional<KafkaStreams>> from, Duration patience) {
        return new GlobalTable<>(TABLE, codec, new PatientStore(from, TABLE, patience));
    }

    private static Turn turn(String text) {
        return Turn.newBuilder()
                .setRequestId("r")
                .setMessage(text)
                .setReply("reply")
                .setAt(Instant.EPOCH)
                .build();
    }
}
