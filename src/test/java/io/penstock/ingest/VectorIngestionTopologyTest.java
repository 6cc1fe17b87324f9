package io.penstock.ingest;

import static io.penstock.ingest.IngestionHarness.code;
import static io.penstock.ingest.IngestionHarness.completes;
import static io.penstock.ingest.IngestionHarness.inference;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.embedding.Vectors;
import io.penstock.record.DeletionOrder;
import io.penstock.schema.CatalogState;
import io.penstock.schema.Chunk;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.LabelScore;
import io.penstock.schema.LedgerChunk;
import io.penstock.schema.LedgerEntry;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.topology.PinnedTopology;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VectorIngestionTopologyTest {
    private static final ChunkingSettings ONE_SENTENCE_EACH = new ChunkingSettings(8, 0, 64, 1_000);
    private static final String RATES = "The Committee lowered the target rate.";
    private static final String STOCKS = "Stocks rose sharply after the news.";
    private static final String OIL = "Oil became cheaper for the winter.";
    private static final String ID = "economy/statements/fomc/20081216";

    private IngestionHarness harness;

    @BeforeEach
    void start(@TempDir Path stateFolder) {
        harness = new IngestionHarness(stateFolder, ONE_SENTENCE_EACH);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void shouldWriteEmbeddedChunksThatCarryTheirItem() throws Exception {
        Instant captured = Instant.parse("2008-12-16T19:15:00Z");
        Inference inference = inference("20081216", RATES + " " + STOCKS)
                .setTitle("Press release")
                .setCapturedAt(captured)
                .setLabels(List.of(new LabelScore("easing", 0.7)))
                .setLanguage("en")
                .build();

        harness.ingest(inference);

        List<TestRecord<String, Chunk>> chunks = harness.takeChunks();
        assertThat(chunks).hasSize(2);
        Chunk second = chunks.get(1).value();
        assertThat(second.getText())
                .isEqualTo(STOCKS)
                .isEqualTo(inference.getText().substring(second.getStart(), second.getEnd()));
        assertThat(second.getOrdinal()).isEqualTo(1);
        assertThat(second.getRecordId()).isEqualTo(ID);
        assertThat(second.getLabel()).isEqualTo("FOMC statement of December 16, 2008");
        assertThat(second.getTitle()).isEqualTo("Press release");
        assertThat(second.getLabels()).containsExactly("easing");
        assertThat(second.getLanguage()).isEqualTo("en");
        assertThat(second.getCapturedAt()).isEqualTo(captured);
        assertThat(Vectors.decode(second.getEmbedding()))
                .isEqualTo(harness.embedder.embed("FOMC statement of December 16, 2008\nPress release\n" + STOCKS));
        assertThat(chunks.get(1).key()).matches(ID + "#" + harness.embedder.fingerprint() + "#[0-9a-f]{16}#0");
        assertThat(harness.records().get(ID)).isEqualTo(inference);
        assertThat(harness.ledger().get(ID).getChunks()).hasSize(2);
    }

    @Test
    void shouldEmbedAnewWhatAnotherModelEmbeddedWithoutAnyRunHearingOfIt() {
        Inference kept = inference("20081216", RATES + " " + STOCKS).build();
        harness.records().put(ID, kept);
        LedgerEntry former = formerly(kept);
        harness.ledger().put(ID, former);

        harness.settle();

        List<TestRecord<String, Chunk>> chunks = harness.takeChunks();
        assertThat(chunks).extracting(IngestionHarness::completes).containsOnlyNulls();
        assertThat(chunks.subList(0, 2))
                .allMatch(chunk -> chunk.value().getModel().equals(harness.embedder.fingerprint()));
        assertThat(chunks.get(2).key()).startsWith(ID + "#former#");
        assertThat(chunks.get(2).value()).isNull();
        assertThat(chunks).hasSize(3);
        assertThat(harness.ledger().get(ID).getModel()).isEqualTo(harness.embedder.fingerprint());
        assertThat(harness.records().get(ID)).isEqualTo(kept);
        assertThat(harness.events.isEmpty()).isTrue();

        harness.ledger().put(ID, former); // it went through all of them, and need not do so again
        harness.settle();
        assertThat(harness.takeChunks()).isEmpty();
    }

    @Test
    void shouldForgetTheFormerModelAsSoonAsAPartMayHaveBeenEmbeddedWithAnother() {
        harness.models().put("model", "former");
        Inference kept = inference("20081216", RATES).build();
        harness.records().put(ID, kept);
        harness.ledger().put(ID, formerly(kept));

        harness.letTimePass();

        assertThat(harness.models().get("model"))
                .as("a return to the former model would have to go through all again")
                .isNotEqualTo("former");
        harness.settle();
        harness.letTimePass();
        assertThat(harness.models().get("model")).isEqualTo(harness.embedder.fingerprint());
    }

    @Test
    void shouldRenewARecordOfALaterLifeWhenAFenceComesLate() {
        harness.catalog.add("economy", "statements", "second", CatalogState.ACTIVE);
        Inference kept = inference("20081216", RATES).setIncarnation("second").build();
        harness.records().put(ID, kept);
        harness.ledger().put(ID, formerly(kept));
        assertThat(harness.letTimePass()).isEqualTo(1);
        Inference late = fence("economy", null);
        late.getFence().setIncarnations(List.of("first"));

        harness.send("fence-1", late);
        harness.settle();

        assertThat(harness.acks.readValue().getRemoved()).isZero();
        assertThat(harness.ledger().get(ID).getModel()).isEqualTo(harness.embedder.fingerprint());
    }

    @Test
    void shouldHaveFewRenewalsUnderWaySoThatWhatComesInNeedNotWaitForAll() {
        for (int i = 100; i < 130; i++) {
            keepAsFormerly(inference("old-" + i, RATES).build());
        }

        for (int i = 0; i < 5; i++) {
            assertThat(harness.letTimePass()).isEqualTo(8);
            assertThat(harness.pending()).isEqualTo(8);
        }
        harness.send(inference("new", OIL).build());
        harness.runCalls();
        harness.letTimePass();
        harness.runCalls();
        harness.letTimePass();

        assertThat(harness.ledger().get("economy/statements/fomc/new")).isNotNull();
        assertThat(harness.pending()).isLessThanOrEqualTo(8);
        for (int i = 0; i < 10; i++) { // it orders more only after it has seen that some are through
            harness.settle();
            harness.letTimePass();
        }
        try (var entries = harness.ledger().all()) {
            entries.forEachRemaining(entry ->
                    assertThat(entry.value.getModel()).as(entry.key).isEqualTo(harness.embedder.fingerprint()));
        }
    }

    @Test
    void shouldOrderMoreWhenRenewalsAreNotSeenToEnd() {
        for (int i = 100; i < 110; i++) {
            keepAsFormerly(inference("old-" + i, RATES).build());
        }
        harness.embedder.breakDown();
        harness.letTimePass();

        for (int i = 0; i < 70; i++) {
            harness.runCalls();
            harness.letTimePass();
        }
        harness.settle();

        assertThat(harness.deadLetters.readRecordsToList()).hasSize(10);
    }

    @Test
    void shouldRenewNoMoreLargeRecordsAtOnceThanComeIn() {
        for (int i = 0; i < 4; i++) {
            keepAsFormerly(
                    inference("large-" + i, "Rates fell. ".repeat(20_000)).build());
        }

        assertThat(harness.letTimePass()).isEqualTo(2);
    }

    private void keepAsFormerly(Inference kept) {
        String recordId = IngestionHarness.recordId(kept);
        harness.records().put(recordId, kept);
        harness.ledger().put(recordId, formerly(kept));
    }

    /** What the ledger says of a record that a former model embedded. */
    private static LedgerEntry formerly(Inference kept) {
        String recordId = IngestionHarness.recordId(kept);
        return LedgerEntry.newBuilder()
                .setTopic(kept.getTopic())
                .setSegment(kept.getSegment())
                .setModel("former")
                .setChunks(List.of(LedgerChunk.newBuilder()
                        .setId(recordId + "#former#0123456789abcdef#0")
                        .setTextHash("0123456789abcdef")
                        .setStart(0)
                        .setEnd(5)
                        .setOrdinal(0)
                        .setContentHash("x")
                        .setEmbedding(ByteBuffer.allocate(0))
                        .build()))
                .build();
    }

    @Test
    void shouldSayWithTheLastChunkThatTheItemIsComplete() {
        harness.ingest(inference("20081216", RATES + " " + STOCKS + " " + OIL).build());

        assertThat(harness.takeChunks())
                .extracting(IngestionHarness::completes)
                .containsExactly(null, null, "run-1\n" + ID);
        assertThat(harness.events.isEmpty()).isTrue();
    }

    @Test
    void shouldDeadLetterWhatEachChunkWouldRepeatTooMuchOf() {
        harness.send(inference("20081216", RATES)
                .setUri("data:" + "x".repeat(20_000))
                .build());
        harness.settle();

        assertThat(harness.takeChunks()).isEmpty();
        assertThat(code(harness.deadLetters.readRecord())).isEqualTo("record.too-large");
        RunEvent event = harness.events.readValue();
        assertThat(event.getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(event.getCode()).isEqualTo("record.too-large");
        assertThat(harness.records().get(ID)).isNull();
    }

    @Test
    void shouldSayNothingOfARunWhenThereIsNone() {
        Inference inference = inference("20081216", RATES).setRunId(null).build();

        harness.ingest(inference);
        assertThat(harness.takeChunks()).extracting(IngestionHarness::completes).containsOnlyNulls();
        harness.ingest(inference);

        assertThat(harness.takeChunks()).isEmpty();
        assertThat(harness.events.isEmpty()).isTrue();
    }

    @Test
    void shouldEmbedAndWriteNothingWhenNothingChanged() {
        harness.ingest(inference("20081216", RATES + " " + STOCKS).build());
        harness.takeChunks();
        assertThat(harness.embedder.takeEmbedded()).isEqualTo(2);

        harness.ingest(
                inference("20081216", RATES + " " + STOCKS).setRunId("run-2").build());

        assertThat(harness.embedder.takeEmbedded()).isZero();
        assertThat(harness.takeChunks()).isEmpty();
        RunEvent event = harness.events.readValue();
        assertThat(event.getKind()).isEqualTo(RunEventKind.INDEXED);
        assertThat(event.getRunId()).isEqualTo("run-2");
        assertThat(event.getRecordId()).isEqualTo(ID);
        assertThat(harness.records().get(ID).getRunId()).isEqualTo("run-2");
    }

    @Test
    void shouldEmbedOnlyWhatChangedAndTombstoneWhatVanished() {
        harness.ingest(inference("20081216", RATES + " " + STOCKS).build());
        List<TestRecord<String, Chunk>> before = harness.takeChunks();
        harness.embedder.takeEmbedded();

        harness.ingest(inference("20081216", RATES + " " + OIL).build());

        List<TestRecord<String, Chunk>> changes = harness.takeChunks();
        assertThat(harness.embedder.takeEmbedded()).isEqualTo(1);
        assertThat(changes).hasSize(2);
        assertThat(changes.get(0).value().getText()).isEqualTo(OIL);
        assertThat(completes(changes.get(0))).isNull();
        assertThat(changes.get(1).key()).isEqualTo(before.get(1).key());
        assertThat(changes.get(1).value()).isNull();
        assertThat(completes(changes.get(1))).isEqualTo("run-1\n" + ID);
        assertThat(harness.counters.chunksRemoved()).isEqualTo(1);
        assertThat(harness.counters.chunksReused()).isEqualTo(1);
    }

    @Test
    void shouldRewriteWithoutEmbeddingWhatOnlyMoved() {
        harness.ingest(inference("20081216", RATES + " " + STOCKS).build());
        List<TestRecord<String, Chunk>> before = harness.takeChunks();
        harness.embedder.takeEmbedded();

        harness.ingest(inference("20081216", RATES + "    " + STOCKS).build());

        List<TestRecord<String, Chunk>> changes = harness.takeChunks();
        assertThat(harness.embedder.takeEmbedded()).isZero();
        assertThat(changes).hasSize(1);
        assertThat(changes.getFirst().key()).isEqualTo(before.get(1).key());
        assertThat(changes.getFirst().value().getStart())
                .isEqualTo(before.get(1).value().getStart() + 3);
    }

    @Test
    void shouldTellEqualPassagesOfARecordApart() {
        harness.ingest(inference("20081216", RATES + " " + STOCKS + " " + RATES).build());

        List<TestRecord<String, Chunk>> chunks = harness.takeChunks();
        assertThat(harness.embedder.takeEmbedded()).isEqualTo(2);
        assertThat(chunks.get(0).key()).endsWith("#0");
        assertThat(chunks.get(2).key()).isEqualTo(chunks.get(0).key().replaceAll("0$", "1"));
        assertThat(chunks.get(2).value().getEmbedding())
                .isEqualTo(chunks.get(0).value().getEmbedding());

        harness.ingest(inference("20081216", STOCKS + " " + RATES).build());
        assertThat(harness.takeChunks().getLast().key()).isEqualTo(chunks.get(2).key());
    }

    @Test
    void shouldEmbedAllAnewForAnotherModel() {
        harness.ingest(inference("20081216", RATES + " " + STOCKS).build());
        Set<String> before = keys(harness.takeChunks());
        harness.embedder.takeEmbedded();
        harness.embedder.become("another");

        harness.ingest(inference("20081216", RATES + " " + STOCKS).build());

        assertThat(harness.embedder.takeEmbedded()).isEqualTo(2);
        List<TestRecord<String, Chunk>> changes = harness.takeChunks();
        assertThat(changes).hasSize(4);
        assertThat(changes.subList(0, 2))
                .allSatisfy(change -> assertThat(change.key()).contains("#another#"))
                .allSatisfy(change -> assertThat(change.value().getModel()).isEqualTo("another"));
        assertThat(keys(changes.subList(2, 4))).isEqualTo(before);
        assertThat(changes.subList(2, 4))
                .allSatisfy(change -> assertThat(change.value()).isNull());
        assertThat(harness.ledger().get(ID).getModel()).isEqualTo("another");
    }

    @Test
    void shouldCompleteAnItemWhoseTextIsBlank() {
        harness.ingest(inference("20081216", " \n ").build());

        assertThat(harness.takeChunks()).isEmpty();
        assertThat(harness.events.readValue().getKind()).isEqualTo(RunEventKind.INDEXED);
        assertThat(harness.records().get(ID)).isNotNull();

        harness.ingest(inference("20081216", RATES).build());
        harness.takeChunks();
        harness.ingest(inference("20081216", "").build());
        List<TestRecord<String, Chunk>> changes = harness.takeChunks();
        assertThat(changes).hasSize(1);
        assertThat(changes.getFirst().value()).isNull();
        assertThat(completes(changes.getFirst())).isEqualTo("run-1\n" + ID);
    }

    @Test
    void shouldDeleteARecordWithItsChunksBehindThePendingWorkOnIt() {
        harness.send(inference("20081216", RATES).build());
        harness.delete(ID);
        harness.settle();

        List<TestRecord<String, Chunk>> changes = harness.takeChunks();
        assertThat(changes).hasSize(2);
        assertThat(changes.get(0).value()).isNotNull();
        assertThat(changes.get(1).value()).isNull();
        assertThat(changes.get(1).key()).isEqualTo(changes.get(0).key());
        assertThat(harness.records().get(ID)).isNull();
        assertThat(harness.ledger().get(ID)).isNull();

        harness.delete(ID);
        harness.settle();
        assertThat(harness.takeChunks()).isEmpty();
    }

    @Test
    void shouldTellWhoWaitsForADeletionWhatIsGone() {
        harness.ingest(
                inference("20081216", RATES + "\n\n" + STOCKS + "\n\n" + OIL).build());
        int written = harness.takeChunks().size();
        harness.delete(ID, "order-1");
        harness.delete(ID, "order-2");
        harness.settle();

        assertThat(harness.takeChunks())
                .as("the last one says that the index has lost all of them")
                .hasSize(written)
                .allMatch(tombstone -> tombstone.value() == null)
                .extracting(tombstone -> DeletionOrder.id(tombstone.headers()).orElse(""))
                .endsWith("order-1")
                .containsOnlyOnce("order-1");
        assertThat(harness.acks.readValuesToList())
                .extracting(FenceAck::getFenceId, FenceAck::getStage, FenceAck::getRemoved)
                .containsExactly(
                        tuple("order-1", "vector-ingestion", (long) written), tuple("order-2", "vector-ingestion", 0L));
    }

    @Test
    void shouldKeepTheOrderOfInferencesOfOneRecord() {
        harness.send(inference("20081216", RATES).build());
        harness.send(inference("20081216", STOCKS).build());
        harness.send(inference("20081216", OIL).build());
        harness.settle();

        assertThat(harness.records().get(ID).getText()).isEqualTo(OIL);
        assertThat(livingTexts()).containsExactly(OIL);
    }

    @Test
    void shouldRemoveAllOfASegmentAtItsFenceAndNothingElse() {
        harness.ingest(inference("20081216", RATES + " " + STOCKS).build());
        harness.ingest(inference("20090128", OIL).build());
        harness.ingest(inference("x", OIL).setSegment("statements2").build());
        harness.ingest(inference("x", OIL).setTopic("economy2").build());
        Set<String> doomed = new HashSet<>();
        harness.takeChunks().stream()
                .filter(chunk -> chunk.key().startsWith("economy/statements/"))
                .forEach(chunk -> doomed.add(chunk.key()));
        harness.send(inference("20090318", OIL).setRunId("run-2").build());

        harness.send("fence-1", fence("economy", "statements"));

        List<TestRecord<String, Chunk>> tombstones = harness.takeChunks();
        assertThat(keys(tombstones)).isEqualTo(doomed).hasSize(3);
        assertThat(tombstones).allSatisfy(chunk -> assertThat(chunk.value()).isNull());
        RunEvent cancelled = harness.events.readValue();
        assertThat(cancelled.getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(cancelled.getCode()).isEqualTo("topic.deleted");
        assertThat(cancelled.getRunId()).isEqualTo("run-2");
        assertThat(cancelled.getRecordId()).isEqualTo("economy/statements/fomc/20090318");
        TestRecord<String, FenceAck> ack = harness.acks.readRecord();
        assertThat(ack.key()).isEqualTo("fence-1");
        assertThat(ack.value().getFenceId()).isEqualTo("fence-1");
        assertThat(ack.value().getStage()).isEqualTo("vector-ingestion");
        assertThat(ack.value().getTopic()).isEqualTo("inference");
        assertThat(ack.value().getPartition()).isZero();
        assertThat(ack.value().getRemoved()).isEqualTo(3);

        harness.settle();
        assertThat(harness.takeChunks()).isEmpty();
        assertThat(harness.records().get(ID)).isNull();
        assertThat(harness.ledger().get(ID)).isNull();
        assertThat(harness.records().get("economy/statements2/fomc/x")).isNotNull();
        assertThat(harness.ledger().get("economy2/statements/fomc/x")).isNotNull();
    }

    @Test
    void shouldRemoveAllOfATopicAtItsFence() {
        harness.ingest(inference("20081216", RATES).build());
        harness.ingest(inference("x", OIL).setSegment("minutes").build());
        harness.ingest(inference("x", OIL).setTopic("economy2").build());

        harness.send("fence-2", fence("economy", null));
        harness.send("fence-2", fence("economy", null));

        assertThat(harness.acks.readValuesToList())
                .extracting(FenceAck::getRemoved)
                .containsExactly(2L, 0L);
        assertThat(livingTexts()).containsExactly(OIL);
        try (var records = harness.records().all()) {
            assertThat(records.next().key).isEqualTo("economy2/statements/fomc/x");
            assertThat(records.hasNext()).isFalse();
        }
    }

    @Test
    void shouldTouchNothingOfALaterLifeWhenAFenceComesLate() {
        harness.catalog.add("economy", "statements", "second", CatalogState.ACTIVE);
        harness.ingest(inference("20081216", RATES).setIncarnation("second").build());
        harness.ingest(inference("20090128", OIL).build());
        harness.send(inference("20090318", STOCKS)
                .setIncarnation("second")
                .setRunId("run-2")
                .build());
        Inference late = fence("economy", null);
        late.getFence().setIncarnations(List.of("first"));

        harness.send("fence-1", late);
        harness.settle();

        assertThat(harness.acks.readValue().getRemoved()).isZero();
        assertThat(livingTexts()).containsExactlyInAnyOrder(RATES, OIL, STOCKS);
        late.getFence().setIncarnations(List.of("second"));
        harness.send("fence-2", late);
        assertThat(harness.acks.readValue().getRemoved())
                .as("with the one that named no life, and so belonged to this")
                .isEqualTo(3);
    }

    @Test
    void shouldDropWhatBelongsToALifeThatIsOver() {
        harness.catalog.add("economy", "statements", "second", CatalogState.ACTIVE);

        harness.ingest(inference("20081216", RATES).setIncarnation("first").build());

        assertThat(harness.takeChunks()).isEmpty();
        assertThat(harness.counters.inferencesDropped()).isEqualTo(1);
        RunEvent event = harness.events.readValue();
        assertThat(event.getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(event.getCode()).isEqualTo("topic.deleted");
        assertThat(event.getRecordId()).isEqualTo(ID);

        harness.ingest(inference("20081216", RATES).setIncarnation("second").build());
        assertThat(harness.takeChunks()).hasSize(1);
        harness.catalog.add("economy", "statements", "second", CatalogState.DELETING);
        harness.ingest(inference("20090128", RATES)
                .setIncarnation("second")
                .setRunId(null)
                .build());
        assertThat(harness.takeChunks()).isEmpty();
        assertThat(harness.counters.inferencesDropped()).isEqualTo(2);
        assertThat(harness.events.isEmpty()).isTrue();
    }

    @Test
    void shouldDeadLetterWhatCannotBeEmbedded() {
        harness.embedder.breakDown();
        Inference inference = inference("20081216", RATES).build();

        harness.ingest(inference);

        TestRecord<byte[], byte[]> letter = harness.deadLetters.readRecord();
        assertThat(code(letter)).isEqualTo("model.invalid");
        assertThat(IngestionHarness.text(letter.headers().lastHeader(DeadLetterHeaders.ATTEMPTS)))
                .isEqualTo("4");
        assertThat(letter.key()).isEqualTo(ID.getBytes(UTF_8));
        assertThat(letter.value()).isEqualTo(harness.bytes(inference));
        RunEvent event = harness.events.readValue();
        assertThat(event.getKind()).isEqualTo(RunEventKind.FAILED);
        assertThat(event.getCode()).isEqualTo("model.invalid");
        assertThat(event.getRecordId()).isEqualTo(ID);
        assertThat(harness.records().get(ID)).isNull();
        assertThat(harness.takeChunks()).isEmpty();
    }

    @Test
    void shouldDeadLetterWhatIsNoRecordOfItsKey() {
        Inference inference = inference("20081216", RATES).build();
        harness.send("20081216", inference);
        harness.send("economy/statements/fomc/20090128", inference);
        harness.send(null, inference);
        harness.delete("20081216");
        harness.settle();

        assertThat(harness.deadLetters.readRecordsToList())
                .hasSize(4)
                .allSatisfy(letter -> assertThat(code(letter)).isEqualTo("record.invalid"))
                .extracting(TestRecord::value)
                .containsExactly(harness.bytes(inference), harness.bytes(inference), harness.bytes(inference), null);
        assertThat(harness.takeChunks()).isEmpty();
    }

    @Test
    void shouldDeadLetterBytesThatAreNoInferenceAndLiveOn() {
        harness.sendBytes(ID, "This is not Avro.".getBytes(UTF_8));
        harness.ingest(inference("20081216", RATES).build());

        assertThat(code(harness.deadLetters.readRecord())).isEqualTo("record.undecodable");
        assertThat(harness.takeChunks()).hasSize(1);
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(VectorIngestionTopology.NAME, harness.topology);
    }

    @Test
    void shouldEmbedLittleWhenOneSentenceOfARealTextChanges(@TempDir Path stateFolder) throws Exception {
        String text = FomcStatements.of("20081216");
        try (IngestionHarness real = new IngestionHarness(stateFolder, ChunkingSettings.defaults())) {
            real.ingest(inference("20081216", text).build());
            int all = real.embedder.takeEmbedded();
            real.takeChunks();

            real.ingest(inference("20081216", text.replace("conditions tight", "conditions very tight"))
                    .build());

            assertThat(all).isGreaterThanOrEqualTo(3);
            assertThat(real.embedder.takeEmbedded()).isBetween(1, 2).isLessThan(all);
            assertThat(real.ledger().get(ID).getChunks()).hasSize(all);
        }
    }

    /** Texts of the chunks that a reader of the compacted Kafka topic would find. */
    private List<String> livingTexts() {
        return harness.chunks.readKeyValuesToMap().values().stream()
                .filter(Objects::nonNull)
                .map(Chunk::getText)
                .toList();
    }

    private static Set<String> keys(List<TestRecord<String, Chunk>> chunks) {
        Set<String> keys = new HashSet<>();
        chunks.forEach(chunk -> keys.add(chunk.key()));
        return keys;
    }

    private static Inference fence(String topic, @Nullable String segment) {
        return Inference.newBuilder()
                .setFence(Fence.newBuilder()
                        .setFenceId(segment == null ? "fence-2" : "fence-1")
                        .setTopic(topic)
                        .setSegment(segment)
                        .setRequestedAt(Instant.EPOCH)
                        .build())
                .build();
    }
}
