package io.penstock.enrich;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.answer.Analyst;
import io.penstock.answer.Analysts;
import io.penstock.answer.WordEmbedder;
import io.penstock.deadletter.DeadLetterHeaders;
import io.penstock.document.DocumentSettings;
import io.penstock.document.Documents;
import io.penstock.kafka.KafkaSettings;
import io.penstock.record.DeletionOrder;
import io.penstock.record.Sweep;
import io.penstock.schema.CatalogState;
import io.penstock.schema.EnrichedMark;
import io.penstock.schema.EnrichmentRejection;
import io.penstock.schema.Fence;
import io.penstock.schema.FenceAck;
import io.penstock.schema.Inference;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.LabelScore;
import io.penstock.schema.ModelChoice;
import io.penstock.schema.RawRecord;
import io.penstock.schema.RunEvent;
import io.penstock.schema.RunEventKind;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.stage.CallException;
import io.penstock.stage.Provider;
import io.penstock.stage.StageRuntime;
import io.penstock.topology.PinnedTopology;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EnrichmentTopologyTest {
    private static final Documents DOCUMENTS = new Documents(DocumentSettings.DEFAULT);
    private static final String TEXT =
            "The Committee decided today to lower its target for the federal funds rate by half a percent.";
    private static final String ID = "economy/statements/fomc/20081216";
    private static final String LIFE = "life-1";
    private static final LanguageDetector LANGUAGES = new LanguageDetector();

    private final AvroSerdes serdes = new AvroSerdes(new MemoryRegistry());
    private final HeldCalls calls = new HeldCalls();
    private final ManualClock clock = new ManualClock();
    private final Known known = new Known()
            .with("economy", null, "topic-life", CatalogState.ACTIVE)
            .with("economy", "statements", LIFE, CatalogState.ACTIVE)
            .with(
                    "fomc",
                    "economy",
                    "statements",
                    "Summarise [LABEL] ([VALUE]) of [ASSET_NAME].",
                    label("easing", "the Committee decided to lower the target for the federal funds rate"),
                    label("weather", "storms, rain and sunshine along the coast"));
    private final ScriptedAnalyst analyst = new ScriptedAnalyst("test-model");
    private EnrichmentSettings settings = EnrichmentSettings.DEFAULT;
    private Documents documents = DOCUMENTS;
    private TopologyTestDriver driver = start(choice -> Optional.empty());

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void shouldEnrichARecord() {
        send(ID, raw(TEXT).build());

        KeyValue<String, Inference> out = only("inference", Inference.class);
        Inference inference = out.value;
        assertThat(out.key).isEqualTo(ID);
        assertThat(inference.getText()).isEqualTo(TEXT);
        assertThat(inference.getTopic()).isEqualTo("economy");
        assertThat(inference.getLanguage()).isEqualTo("en");
        assertThat(inference.getLabels()).extracting(LabelScore::getName).containsExactly("easing");
        assertThat(inference.getQuality().getLetters()).isGreaterThan(60);
        assertThat(inference.getIncarnation()).isEqualTo(LIFE);
        assertThat(inference.getFingerprint()).matches("[0-9a-f]{64}");
        assertThat(inference.getAnalysis()).as("no language model, no analysis").isNull();
        assertThat(events()).containsExactly("run-1 ENRICHED " + ID);
    }

    @Test
    void shouldStopAtARecordThatIsUnchanged() {
        send(ID, raw(TEXT).build());
        send(ID, raw(TEXT).setRunId("run-2").setUri("elsewhere").build());

        assertThat(all("inference", Inference.class)).hasSize(1);
        assertThat(events()).containsExactly("run-1 ENRICHED " + ID, "run-2 UNCHANGED " + ID);
    }

    @Test
    void shouldEnrichAgainWhatChanged() {
        send(ID, raw(TEXT).build());
        send(ID, raw(TEXT + " So be it.").build());
        send(ID, raw(TEXT + " So be it.").setLabel("Another label").build());
        known.with("fomc", "economy", "statements", "", label("new", "a label that was not there before"));
        send(ID, raw(TEXT + " So be it.").setLabel("Another label").build());

        assertThat(all("inference", Inference.class)).hasSize(4);
        assertThat(events()).containsOnly("run-1 ENRICHED " + ID);
    }

    @Test
    void shouldDeleteARecordAndEnrichItAnewWhenItComesAgain() {
        send(ID, raw(TEXT).build());
        events();

        delete(ID, new RecordHeaders().add(DeletionOrder.HEADER, "order-1".getBytes(UTF_8)));
        send(ID, raw(TEXT).setRunId("run-2").build());

        List<TestRecord<String, Inference>> inferences = inferences();
        assertThat(inferences).hasSize(3);
        assertThat(inferences.get(1).key()).isEqualTo(ID);
        assertThat(inferences.get(1).value()).isNull();
        assertThat(DeletionOrder.id(inferences.get(1).headers())).contains("order-1");
        assertThat(inferences.get(2).value().getText()).isEqualTo(TEXT);
        assertThat(events()).containsExactly("run-2 ENRICHED " + ID);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void shouldDeleteARecordBehindThePendingWorkOnIt() {
        calls.hold = true;
        send(ID, raw(TEXT).build());
        delete(ID, new RecordHeaders());
        assertThat(inferences()).isEmpty();

        calls.release();
        tick();

        assertThat(inferences())
                .extracting(inference -> inference.value() != null)
                .containsExactly(true, false);
        assertThat(driver.<String, EnrichedMark>getKeyValueStore("enriched").get(ID))
                .isNull();
    }

    @Test
    void shouldOnlyForgetARecordWhoseDeletionIsOrderedElsewhere() {
        send(ID, raw(TEXT).build());
        assertThat(inferences()).hasSize(1);

        delete(ID, new RecordHeaders().add(DeletionOrder.FORGET_ONLY, new byte[0]));

        assertThat(inferences()).isEmpty();
        assertThat(driver.<String, EnrichedMark>getKeyValueStore("enriched").get(ID))
                .isNull();
    }

    @Test
    void shouldSweepWhatNoRunHasSeenAnyMore() {
        see("run-1", "kept", TEXT);
        see("run-1", "lost", TEXT);
        see("run-1", "shrunk", TEXT);
        see("run-1", "elsewhere", TEXT);
        send(
                "economy/statements/other/lost",
                raw(TEXT).setProcessor("other").setItem("lost").build());
        clock.advance(Duration.ofMinutes(5));
        Instant began = clock.instant();
        clock.advance(Duration.ofMinutes(1));
        see("run-2", "kept", TEXT);
        see("run-2", "shrunk", "Too short.");
        see("run-3", "elsewhere", TEXT);
        assertThat(inferences()).hasSize(5);

        sweep(new Sweep("run-2", LIFE, began));

        assertThat(inferences())
                .as("what was rejected is there all the same, and another run may have looked later")
                .extracting(inference -> inference.key() + " " + inference.value())
                .containsExactly("economy/statements/fomc/lost null");
        sweep(new Sweep("run-2", LIFE, began));
        assertThat(inferences()).as("once").isEmpty();

        see("run-4", "lost", TEXT);
        assertThat(inferences()).as("it comes back as new").hasSize(1);
    }

    @Test
    void shouldSweepNothingThatTheRunItselfHasSeenWhateverTheClocksSay() {
        see("run-2", "kept", TEXT);
        see("run-2", "kept", TEXT);
        inferences();

        sweep(new Sweep("run-2", LIFE, clock.instant().plusSeconds(60)));

        assertThat(inferences()).isEmpty();
    }

    @Test
    void shouldSweepNothingOfAnotherLife() {
        see("run-1", "kept", TEXT);
        inferences();

        sweep(new Sweep("run-2", "life-0", clock.instant().plusSeconds(60)));

        assertThat(inferences()).isEmpty();
    }

    /** A record of a processor that deletes what is removed. */
    private void see(String run, String item, String text) {
        RawRecord record = raw(text).setRunId(run).setItem(item).build();
        input().pipeInput(new TestRecord<>(
                "economy/statements/fomc/" + item,
                serdes.codec(RawRecord.class).encode("raw.economy", record),
                new RecordHeaders().add(Sweep.SIGHTING, new byte[0]),
                clock.instant()));
        tick();
    }

    private void sweep(Sweep order) {
        delete("economy/statements/fomc/", new RecordHeaders().add(Sweep.HEADER, order.encode()));
    }

    @Test
    void shouldDeadLetterADeletionThatNamesNoRecordOfTheTopic() {
        delete("other/statements/fomc/20081216", new RecordHeaders());
        delete("economy/statements/fomc/a", new RecordHeaders().add(Sweep.HEADER, "life".getBytes(UTF_8)));
        delete("economy/statements", new RecordHeaders());

        List<TestRecord<byte[], byte[]>> letters = deadLetters();
        assertThat(letters).hasSize(3);
        assertThat(letters)
                .extracting(letter -> header(letter, DeadLetterHeaders.CODE))
                .containsOnly("record.invalid");
        assertThat(header(letters.getLast(), DeadLetterHeaders.MESSAGE)).contains("'economy/statements' is no id");
        assertThat(inferences()).isEmpty();
    }

    @Test
    void shouldNotCallARecordUnchangedWhoseFirstVersionIsStillPending() {
        calls.hold = true;
        send(ID, raw(TEXT).build());
        send(ID, raw(TEXT).setRunId("run-2").build());
        assertThat(events()).isEmpty();

        calls.release();
        tick();

        assertThat(all("inference", Inference.class)).hasSize(1);
        assertThat(events()).containsExactly("run-1 ENRICHED " + ID, "run-2 UNCHANGED " + ID);
    }

    @Test
    void shouldAnalyseWithTheFilledPrompt() {
        restart(Optional.of(analyst));
        send(ID, raw(TEXT).build());

        Inference inference = only("inference", Inference.class).value;
        assertThat(inference.getAnalysis()).isEqualTo("Analysis 1");
        assertThat(inference.getAnswerer()).isEqualTo("test-model");
        assertThat(analyst.prompts).containsExactly("Summarise FOMC statement (20081216) of FOMC statement.");
    }

    @Test
    void shouldAnalyseAnewWhenTheProcessorChoosesAnotherModel() {
        restart(choice -> Optional.of(choice == null ? analyst : new ScriptedAnalyst(choice.getModel())));
        send(ID, raw(TEXT).build());
        send(ID, raw(TEXT).setRunId("run-2").build());
        known.withModel("fomc", new ModelChoice("openai", "big-model", null));
        send(ID, raw(TEXT).setRunId("run-3").build());

        assertThat(events()).containsExactly("run-1 ENRICHED " + ID, "run-2 UNCHANGED " + ID, "run-3 ENRICHED " + ID);
        assertThat(all("inference", Inference.class))
                .extracting(out -> out.value.getAnswerer())
                .containsExactly("test-model", "big-model");
    }

    @Test
    void shouldWriteNoAnalysisForAProcessorThatWantsNone() {
        restart(choice -> choice == null ? Optional.of(analyst) : Optional.empty());
        known.withModel("fomc", new ModelChoice("none", null, null));
        send(ID, raw(TEXT).build());

        assertThat(only("inference", Inference.class).value.getAnalysis()).isNull();
        assertThat(analyst.prompts).isEmpty();
    }

    @Test
    void shouldAskForNoMoreAnalysesAtOnceThanTheModelTakes() {
        restart(new Analysts() {
            @Override
            public Optional<Analyst> analyst(@Nullable ModelChoice choice) {
                return Optional.of(analyst);
            }

            @Override
            public Provider provider() {
                return new Provider("llm", 1, 0);
            }
        });
        calls.hold = true;
        send(ID, raw(TEXT).build());
        send("economy/statements/fomc/two", raw(TEXT).setItem("two").build());
        send(
                "economy/statements/else/three",
                raw(TEXT).setProcessor("else").setItem("three").build());

        assertThat(calls.waiting())
                .as("one analysis, and one record that gets none")
                .isEqualTo(2);
        calls.release();
        tick();
        calls.release();
        tick();

        assertThat(events())
                .containsExactlyInAnyOrder(
                        "run-1 ENRICHED " + ID,
                        "run-1 ENRICHED economy/statements/fomc/two",
                        "run-1 ENRICHED economy/statements/else/three");
        assertThat(analyst.prompts).hasSize(2);
    }

    @Test
    void shouldDeadLetterWhatTheLanguageModelRefusesForGood() {
        restart(Optional.of(analyst));
        analyst.failure = CallException.permanent("llm.unauthorized", "refused");
        byte[] bytes = send(ID, raw(TEXT).build());

        assertThat(all("inference", Inference.class)).isEmpty();
        assertThat(events()).containsExactly("run-1 FAILED " + ID + " llm.unauthorized");
        TestRecord<byte[], byte[]> letter = deadLetters().getFirst();
        assertThat(letter.value()).isEqualTo(bytes);
        assertThat(header(letter, DeadLetterHeaders.CODE)).isEqualTo("llm.unauthorized");
        assertThat(header(letter, DeadLetterHeaders.TOPIC)).isEqualTo("raw.economy");

        analyst.failure = null;
        send(ID, raw(TEXT).setRunId("run-2").build());
        assertThat(events()).as("what failed is not unchanged").containsExactly("run-2 ENRICHED " + ID);
    }

    @Test
    void shouldTryAgainWhenTheLanguageModelIsBusy() {
        restart(Optional.of(analyst));
        analyst.failure = CallException.retryable("llm.failed", "busy", null);
        send(ID, raw(TEXT).build());
        assertThat(events()).isEmpty();

        analyst.failure = null;
        clock.advance(Duration.ofSeconds(5));
        tick();

        assertThat(events()).containsExactly("run-1 ENRICHED " + ID);
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void shouldPutADocumentOffWhoseTurnDoesNotCome() {
        DocumentSettings busy = DocumentSettings.DEFAULT.withProcesses(0).withTurnTimeout(Duration.ZERO);
        try (Documents occupied = new Documents(busy)) {
            documents = occupied;
            restart(choice -> Optional.empty());
            send(ID, raw("%PDF-1.7").setContentType("application/pdf").build());
            for (int i = 0; i < 3 * settings.maxAttempts(); i++) {
                clock.advance(Duration.ofMinutes(1));
                tick();
            }

            assertThat(events()).as("no attempt is counted").isEmpty();
            assertThat(deadLetters()).isEmpty();
        }
    }

    @Test
    void shouldRejectByQuality() {
        send(ID, raw("Too short.").build());
        send(
                "economy/statements/fomc/picture",
                raw(TEXT).setItem("picture").setContentType("image/png").build());

        assertThat(all("enrichment.rejected", EnrichmentRejection.class))
                .extracting(out -> out.key + " " + out.value.getCode())
                .containsExactly(ID + " quality.short", "economy/statements/fomc/picture content.unsupported");
        assertThat(events())
                .containsExactly(
                        "run-1 REJECTED " + ID + " quality.short",
                        "run-1 REJECTED economy/statements/fomc/picture content.unsupported");
        assertThat(all("inference", Inference.class)).isEmpty();
    }

    @Test
    void shouldKeepShortTextsWhenFewerLettersAreAskedFor() {
        settings = EnrichmentSettings.DEFAULT.withQuality(new QualityRules(8));
        restart(Optional.empty());

        send(ID, raw("Too short.").build());
        send(ID, raw("Shorter").setRunId("run-2").build());

        assertThat(events()).containsExactly("run-1 ENRICHED " + ID, "run-2 REJECTED " + ID + " quality.short");
    }

    @Test
    void shouldDeadLetterWhatMakesAnInferenceThatIsTooLargeToSend() {
        // Each of these bytes is a character of two bytes in UTF-8: 5 MiB become 10.
        byte[] content = new byte[5 << 20];
        Arrays.fill(content, (byte) 0xE4);
        byte[] bytes = send(
                ID,
                raw("").setContent(ByteBuffer.wrap(content))
                        .setContentType("text/plain; charset=iso-8859-1")
                        .build());
        send(
                ID,
                raw("{\"" + "n".repeat(10_000) + "\":[" + "1,".repeat(1_000) + "1]}")
                        .setRunId("run-2")
                        .setContentType("application/json")
                        .build());

        assertThat(all("inference", Inference.class)).isEmpty();
        assertThat(events())
                .containsExactly(
                        "run-1 FAILED " + ID + " record.too-large", "run-2 FAILED " + ID + " record.too-large");
        List<TestRecord<byte[], byte[]>> letters = deadLetters();
        assertThat(letters).hasSize(2);
        assertThat(letters.getFirst().value()).isEqualTo(bytes);
        assertThat(header(letters.getFirst(), DeadLetterHeaders.MESSAGE)).contains("bytes with its key");
        assertThat(header(letters.getLast(), DeadLetterHeaders.MESSAGE)).contains("lines of path and value");

        send(ID, raw(TEXT).setRunId("run-3").build());
        assertThat(events()).containsExactly("run-3 ENRICHED " + ID);
    }

    @Test
    void shouldDeadLetterWithoutItsBytesWhatIsTooLargeToBeKept() {
        byte[] key = "k".getBytes(UTF_8);
        driver.createInputTopic("raw.economy", new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(key, new byte[KafkaSettings.MAX_RECORD_BYTES + 1]);
        Headers headers = new RecordHeaders().add("large", new byte[200_000]);
        input().pipeInput(new TestRecord<>(ID, new byte[] {0}, headers));

        List<TestRecord<byte[], byte[]>> letters = deadLetters();
        assertThat(letters)
                .extracting(letter -> header(letter, DeadLetterHeaders.CODE))
                .containsExactly("record.too-large", "record.too-large");
        assertThat(letters).extracting(TestRecord::value).containsOnlyNulls();
        assertThat(letters.getFirst().key()).isEqualTo(key);
        assertThat(header(letters.getLast(), DeadLetterHeaders.OFFSET)).isEqualTo("1");
        assertThat(letters.getLast().headers().lastHeader("large")).isNull();
    }

    @Test
    void shouldLookAtTheContentOnlyInTheCallAndKeepTheOrderOfARecord() {
        calls.hold = true;
        send(ID, raw("Too short.").build());
        send(ID, raw(TEXT).setRunId("run-2").build());
        assertThat(events()).isEmpty();

        calls.release();
        tick();
        calls.release();
        tick();

        assertThat(events()).containsExactly("run-1 REJECTED " + ID + " quality.short", "run-2 ENRICHED " + ID);
    }

    @Test
    void shouldTakeRecordsOfOthersWithoutKeyRunOrIncarnation() {
        send(
                null,
                raw(TEXT)
                        .setRunId(null)
                        .setIncarnation(null)
                        .setCapturedAt(null)
                        .setProcessor("mine")
                        .build());

        KeyValue<String, Inference> out = only("inference", Inference.class);
        assertThat(out.key).isEqualTo("economy/statements/mine/20081216");
        assertThat(out.value.getIncarnation()).isEqualTo(LIFE);
        assertThat(out.value.getLabels()).isEmpty();
        assertThat(events()).isEmpty();
    }

    @Test
    void shouldDeadLetterRecordsThatAreNotWellFormed() {
        byte[] bytes = send("economy/other/fomc/x", raw(TEXT).build());
        send(null, raw(TEXT).setItem(" ").build());
        send(null, raw(TEXT).setProcessor("a/b").build());
        send(null, raw(TEXT).setSegment("").build());
        input().pipeInput(null, "no avro".getBytes(UTF_8));

        List<TestRecord<byte[], byte[]>> letters = deadLetters();
        assertThat(letters).hasSize(5);
        assertThat(letters.getFirst().value()).isEqualTo(bytes);
        assertThat(header(letters.getFirst(), DeadLetterHeaders.MESSAGE)).contains("it must be '" + ID + "'");
        assertThat(letters)
                .extracting(letter -> header(letter, DeadLetterHeaders.CODE))
                .containsExactly(
                        "record.invalid", "record.invalid", "record.invalid", "record.invalid", "record.undecodable");
        assertThat(events()).hasSize(4).allMatch(event -> event.endsWith(" record.invalid"));
    }

    @Test
    void shouldWaitForASegmentThatTheViewDoesNotKnowYet() {
        send(
                "economy/news/mine/1",
                raw(TEXT).setSegment("news").setProcessor("mine").setItem("1").build());
        assertThat(deadLetters()).isEmpty();

        known.with("economy", "news", LIFE, CatalogState.ACTIVE);
        clock.advance(Duration.ofSeconds(2));
        tick();

        assertThat(events()).containsExactly("run-1 ENRICHED economy/news/mine/1");
    }

    @Test
    void shouldDeadLetterRecordsOfSegmentsThatDoNotExist() {
        send(null, raw(TEXT).setSegment("none").setIncarnation(null).build());
        for (int i = 0; i < 4; i++) {
            clock.advance(Duration.ofSeconds(31));
            tick();
        }

        assertThat(header(deadLetters().getFirst(), DeadLetterHeaders.CODE)).isEqualTo("segment.unknown");
        assertThat(events()).containsExactly("run-1 FAILED economy/none/fomc/20081216 segment.unknown");
    }

    @Test
    void shouldDropWhatBelongsToALifeThatIsOver() {
        send(ID, raw(TEXT).setIncarnation("life-0").build());
        known.with("economy", "statements", LIFE, CatalogState.DELETING);
        send(ID, raw(TEXT).build());

        assertThat(events())
                .containsExactly("run-1 FAILED " + ID + " topic.deleted", "run-1 FAILED " + ID + " topic.deleted");
        assertThat(all("inference", Inference.class)).isEmpty();
        assertThat(deadLetters()).isEmpty();
        assertThat(driver.metrics().entrySet().stream()
                        .filter(metric -> metric.getKey().name().equals("dropped-deleted-total"))
                        .mapToDouble(metric -> (double) metric.getValue().metricValue())
                        .sum())
                .isEqualTo(2);
    }

    @Test
    void shouldDropWhatWasDeletedWhileItWaited() {
        restart(Optional.of(analyst));
        analyst.failure = CallException.retryable("llm.failed", "busy", null);
        send(ID, raw(TEXT).build());

        known.with("economy", null, "topic-life", CatalogState.DELETING);
        clock.advance(Duration.ofSeconds(5));
        tick();

        assertThat(events())
                .as("the topic as a whole is deleted, and with it the run")
                .containsExactly("run-1 FAILED null topic.deleted", "run-1 FAILED " + ID + " topic.deleted");
        assertThat(deadLetters()).isEmpty();
    }

    @Test
    void shouldCancelForgetAndAcknowledgeAtAFence() {
        known.with("economy", "news", "life-n", CatalogState.ACTIVE);
        String news = "economy/news/fomc/20081216";
        send(ID, raw(TEXT).build());
        send(news, raw(TEXT).setSegment("news").setIncarnation("life-n").build());
        calls.hold = true;
        send(ID, raw(TEXT + " More of it.").setRunId("run-2").build());
        send(
                news,
                raw(TEXT + " More of it.")
                        .setSegment("news")
                        .setIncarnation("life-n")
                        .setRunId("run-2")
                        .build());
        events();

        send("anything", fence("statements"));
        calls.release();
        tick();

        KeyValue<String, FenceAck> ack = only("fence.ack", FenceAck.class);
        assertThat(ack.key).isEqualTo("fence-1");
        assertThat(ack.value.getStage()).isEqualTo("enrichment");
        assertThat(ack.value.getTopic()).isEqualTo("raw.economy");
        assertThat(ack.value.getPartition()).isZero();
        assertThat(ack.value.getRemoved()).isEqualTo(2);
        assertThat(events()).containsExactly("run-2 FAILED " + ID + " topic.deleted", "run-2 ENRICHED " + news);
        assertThat(driver.<String, EnrichedMark>getKeyValueStore("enriched").get(ID))
                .isNull();
        assertThat(driver.<String, EnrichedMark>getKeyValueStore("enriched").get(news))
                .isNotNull();
    }

    @Test
    void shouldKeepTheMarksOfALaterLife() {
        known.with("economy", "statements", "life-2", CatalogState.ACTIVE);
        send(ID, raw(TEXT).setIncarnation("life-2").build());

        send(null, fence("statements"));

        assertThat(only("fence.ack", FenceAck.class).value.getRemoved()).isZero();
        assertThat(driver.<String, EnrichedMark>getKeyValueStore("enriched").get(ID))
                .isNotNull();
    }

    @Test
    void shouldNameTheApplicationAfterTheTopicAndItsLife() {
        assertThat(EnrichmentTopology.applicationId("economy", "0123abcd-4567-89ab-cdef-0123456789ab"))
                .isEqualTo("penstock-enrichment-economy-0123abcd");
    }

    @Test
    void shouldNameItsInternalTopicsExactly() {
        String application = "penstock-enrichment-economy-0123abcd";

        assertThat(EnrichmentTopology.internalTopics(application))
                .containsExactly(application + "-enriched-changelog", application + "-pending-changelog");
        assertThat(EnrichmentTopology.applicationOf(application + "-pending-changelog"))
                .contains(application);
        assertThat(EnrichmentTopology.applicationOf(application + "-4567cdef-enriched-changelog"))
                .as("another topic, whose name begins so")
                .contains(application + "-4567cdef");
        assertThat(EnrichmentTopology.applicationOf("penstock-capture-pending-changelog"))
                .isEmpty();
        assertThat(EnrichmentTopology.applicationOf("raw.economy")).isEmpty();
    }

    @Test
    void shouldBePinned() {
        PinnedTopology.assertPinned(EnrichmentTopology.NAME, topology(choice -> Optional.empty()));
    }

    private TopologyTestDriver start(Analysts models) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "enrichment-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:1");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, "target/streams-enrichment");
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, "true");
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
        return new TopologyTestDriver(topology(models), properties);
    }

    private Topology topology(Analysts models) {
        return new EnrichmentTopology(
                        "economy",
                        serdes,
                        known,
                        known,
                        new TextExtractor(8 * 1024 * 1024, documents),
                        new WordEmbedder(),
                        LANGUAGES,
                        models,
                        new StageRuntime(calls, clock),
                        clock,
                        settings)
                .build();
    }

    private void restart(Optional<Analyst> model) {
        restart(choice -> model);
    }

    private void restart(Analysts models) {
        driver.close();
        driver = start(models);
    }

    private byte[] send(@Nullable String key, RawRecord record) {
        byte[] bytes = serdes.codec(RawRecord.class).encode("raw.economy", record);
        input().pipeInput(key, bytes);
        tick();
        return bytes;
    }

    @SuppressWarnings("NullAway") // a record may lack its value; the driver does not declare it
    private void delete(String recordId, Headers headers) {
        input().pipeInput(new TestRecord<>(recordId, null, headers, clock.instant()));
        tick();
    }

    private List<TestRecord<String, Inference>> inferences() {
        return driver.createOutputTopic(
                        "inference",
                        new StringDeserializer(),
                        serdes.topic(Inference.class).deserializer())
                .readRecordsToList();
    }

    private TestInputTopic<String, byte[]> input() {
        return driver.createInputTopic("raw.economy", new StringSerializer(), new ByteArraySerializer());
    }

    private void tick() {
        for (int i = 0; i < 3; i++) {
            driver.advanceWallClockTime(Duration.ofMillis(25));
        }
    }

    private <T extends SpecificRecord> List<KeyValue<String, T>> all(String topic, Class<T> type) {
        TestOutputTopic<String, T> output = driver.createOutputTopic(
                topic, new StringDeserializer(), serdes.topic(type).deserializer());
        return output.readKeyValuesToList();
    }

    private <T extends SpecificRecord> KeyValue<String, T> only(String topic, Class<T> type) {
        List<KeyValue<String, T>> all = all(topic, type);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private List<String> events() {
        return all("run.event", RunEvent.class).stream()
                .map(out -> out.value)
                .map(event -> event.getRunId() + " " + event.getKind() + " " + event.getRecordId()
                        + (event.getKind() == RunEventKind.FAILED || event.getKind() == RunEventKind.REJECTED
                                ? " " + event.getCode()
                                : ""))
                .toList();
    }

    private List<TestRecord<byte[], byte[]>> deadLetters() {
        return driver.createOutputTopic(
                        "dead-letter.enrichment", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private static String header(TestRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), UTF_8);
    }

    private RawRecord.Builder raw(String text) {
        return RawRecord.newBuilder()
                .setRunId("run-1")
                .setProcessor("fomc")
                .setSegment("statements")
                .setItem("20081216")
                .setLabel("FOMC statement")
                .setUri("file:statements/20081216.txt")
                .setContent(ByteBuffer.wrap(text.getBytes(UTF_8)))
                .setCapturedAt(clock.instant())
                .setIncarnation(LIFE);
    }

    private RawRecord fence(String segment) {
        return RawRecord.newBuilder()
                .setContent(ByteBuffer.allocate(0))
                .setFence(Fence.newBuilder()
                        .setFenceId("fence-1")
                        .setTopic("economy")
                        .setSegment(segment)
                        .setIncarnations(List.of(LIFE))
                        .setRequestedAt(clock.instant())
                        .build())
                .build();
    }

    private static LabelDefinition label(String name, String description) {
        return LabelDefinition.newBuilder()
                .setName(name)
                .setDescription(description)
                .build();
    }

    private static final class ScriptedAnalyst implements Analyst {
        final List<String> prompts = new ArrayList<>();

        @Nullable
        CallException failure;

        private final String name;

        ScriptedAnalyst(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String analyse(String prompt, String text) throws CallException {
            if (failure != null) {
                throw failure;
            }
            prompts.add(prompt);
            return "Analysis " + prompts.size();
        }
    }
}
