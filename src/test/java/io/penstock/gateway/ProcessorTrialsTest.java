package io.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.capture.CaptureRequest;
import io.penstock.capture.CaptureSettings;
import io.penstock.capture.CaptureTopology;
import io.penstock.capture.Fetched;
import io.penstock.capture.Pace;
import io.penstock.capture.Source;
import io.penstock.capture.Sources;
import io.penstock.catalog.LiveCatalog;
import io.penstock.cluster.Peer;
import io.penstock.cluster.PeerAnswer;
import io.penstock.cluster.Peers;
import io.penstock.document.DocumentSettings;
import io.penstock.document.Documents;
import io.penstock.enrich.QualityRules;
import io.penstock.enrich.TextExtractor;
import io.penstock.error.PenstockException;
import io.penstock.processor.InvalidProcessorException;
import io.penstock.processor.ProcessorConfigReader;
import io.penstock.schema.ConfigProblem;
import io.penstock.serde.AvroSerdes;
import io.penstock.serde.MemoryRegistry;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProcessorTrialsTest {
    private static final InstantSource CLOCK = InstantSource.system();
    private static final JsonMapper JSON = new JsonMapper();
    private static final String PROSE = "The roses along the wall are pruned in March, before the buds break.";

    private final LiveCatalog catalog = new LiveCatalog(new AvroSerdes(new MemoryRegistry()));
    private final ProcessorGateway gateway =
            new ProcessorGateway(new ProcessorConfigReader(CLOCK), catalog.processorWriter);
    private final Documents documents = new Documents(DocumentSettings.DEFAULT);
    private Sources sources;
    private ProcessorTrials trials;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        sources = new Sources(CaptureSettings.of(folder), CLOCK, Pace.UNLIMITED);
        trials = new ProcessorTrials(
                gateway,
                Optional.of(new CaptureTrial(sources, new TextExtractor(1_000_000, documents), QualityRules.DEFAULT)),
                Peers.NONE);
        Files.writeString(
                folder.resolve("roses.html"),
                "<html lang='en'><head><title>Roses</title><meta name='author' content='Ada'></head><body><nav>Home</nav><p>"
                        + PROSE + "</p></body></html>");
        Files.writeString(folder.resolve("tulips.html"), "<p>Short.</p>");
    }

    @AfterEach
    void stop() {
        catalog.close();
        sources.close();
        documents.close();
    }

    @Test
    void shouldShowTheFirstItemAsEnrichmentWouldSeeIt() throws Exception {
        ObjectNode tried = trials.run("beds", config("roses", "tulips"), null);

        assertThat(tried.get("failure").isNull()).isTrue();
        JsonNode record = tried.get("record");
        assertThat(record.get("id").textValue()).isEqualTo("garden/beds/beds/roses");
        assertThat(record.get("content_type").textValue()).isEqualTo("text/html");
        assertThat(record.get("title").textValue()).isEqualTo("Roses");
        assertThat(record.get("text").textValue()).isEqualTo(PROSE);
        assertThat(record.get("text_is_cut").booleanValue()).isFalse();
        assertThat(record.get("rejection").isNull()).isTrue();
        assertThat(record.at("/attributes/authors").textValue()).isEqualTo("Ada");
        assertThat(record.at("/attributes/modified_at").textValue()).isNotEmpty();
        assertThat(record.at("/quality/letters").intValue()).isGreaterThan(40);
        assertThat(catalog.processors.byId("beds")).isEmpty();
    }

    @Test
    void shouldShowTheItemThatIsAskedForAndWhyItWouldBeRejected() throws Exception {
        JsonNode record =
                trials.run("beds", config("roses", "tulips"), "tulips").get("record");

        assertThat(record.get("item").textValue()).isEqualTo("tulips");
        assertThat(record.at("/rejection/code").textValue()).isEqualTo("quality.short");
        assertThatThrownBy(() -> trials.run("beds", config("roses"), "lilies"))
                .hasMessageContaining("'lilies'")
                .extracting(e -> ((PenstockException) e).code().code())
                .isEqualTo("parameter.invalid");
    }

    @Test
    void shouldHoldToTheFencesOfCapture() throws Exception {
        Path outside = Files.createTempFile("outside", ".html");
        try {
            ObjectNode config = config("roses");
            ((ObjectNode) config.get("source")).put("uri", outside.toString());

            JsonNode failure = trials.run("beds", config, null).get("failure");

            assertThat(failure.get("code").textValue()).isEqualTo("capture.outside-folder");
        } finally {
            Files.delete(outside);
        }
        assertThat(trials.run("beds", config("missing"), null)
                        .at("/failure/code")
                        .textValue())
                .isEqualTo("capture.not-found");
    }

    @Test
    void shouldTryOnceMoreWhenTheServerAsksForAMoment() throws Exception {
        Answers answers = new Answers(Duration.ofMillis(1));

        JsonNode failure = answers.trials().run("beds", config("roses"), null).get("failure");

        assertThat(answers.asked).isEqualTo(2);
        assertThat(failure.get("code").textValue()).isEqualTo("capture.http-status");
        assertThat(failure.get("capture_would_retry").booleanValue()).isTrue();
    }

    @Test
    void shouldSayThatCaptureWouldTryAgainWhenTheServerAsksForMorePatience() throws Exception {
        Answers answers = new Answers(Duration.ofMinutes(1));

        JsonNode failure = answers.trials().run("beds", config("roses"), null).get("failure");

        assertThat(answers.asked).isEqualTo(1);
        assertThat(failure.get("capture_would_retry").booleanValue()).isTrue();
        assertThat(trials.run("beds", config("missing"), null)
                        .at("/failure/capture_would_retry")
                        .booleanValue())
                .isFalse();
    }

    /** A source that always asks to come again later. */
    private final class Answers implements Source {
        private final Duration retryAfter;
        private int asked;

        Answers(Duration retryAfter) {
            this.retryAfter = retryAfter;
        }

        ProcessorTrials trials() {
            return new ProcessorTrials(
                    gateway,
                    Optional.of(new CaptureTrial(this, new TextExtractor(1_000_000, documents), QualityRules.DEFAULT)),
                    Peers.NONE);
        }

        @Override
        public Fetched fetch(CaptureRequest request) throws CallException {
            asked++;
            throw CallException.retryAfter("capture.http-status", "It answered 503.", retryAfter);
        }
    }

    @Test
    void shouldNameEverythingThatIsWrong() {
        assertThatThrownBy(() -> trials.run(
                        "beds",
                        JSON.readTree(
                                "{\"topic\":\"garden\",\"segment\":\"beds\",\"batch_size\":0,\"labels\":[\"a\",{\"name\":\"\"}],\"data_list\":[{\"label\":\"x\"}]}"),
                        null))
                .isInstanceOfSatisfying(
                        InvalidProcessorException.class,
                        e -> assertThat(e.problems())
                                .extracting(ConfigProblem::getField)
                                .contains("batch_size", "labels[1].name", "data_list[0].value"));
        assertThat(InvalidProcessorException.pointer("data_list[0].value")).isEqualTo("/data_list/0/value");
        assertThat(InvalidProcessorException.pointer("source.headers.X.Y/Z")).isEqualTo("/source/headers/X.Y~1Z");
        assertThat(InvalidProcessorException.pointer("")).isEmpty();
    }

    @Test
    void shouldAskAnInstanceThatCapturesWhenThisOneDoesNot() throws Exception {
        Asked peers = new Asked();
        ProcessorTrials elsewhere = new ProcessorTrials(gateway, Optional.empty(), peers);

        ObjectNode tried = elsewhere.run("beds", config("roses", "tulips"), "roses");

        assertThat(tried.at("/record/text").textValue()).isEqualTo(PROSE);
        assertThat(peers.asked).containsExactly("two /internal/processors/trial");
        peers.alive = false;
        assertThatThrownBy(() -> elsewhere.run("beds", config("roses"), null))
                .hasMessageContaining("role processors")
                .extracting(e -> ((PenstockException) e).code().code())
                .isEqualTo("not-ready");
    }

    /** Two other instances, of which the second one captures. */
    private final class Asked implements Peers {
        private final List<String> asked = new ArrayList<>();
        private boolean alive = true;

        @Override
        public List<Peer> alive() {
            return alive
                    ? List.of(
                            new Peer("one", URI.create("http://one"), Set.of("rag"), Set.of("chat")),
                            new Peer(
                                    "two",
                                    URI.create("http://two"),
                                    Set.of("processors"),
                                    Set.of(CaptureTopology.NAME)))
                    : List.of();
        }

        @Override
        public List<PeerAnswer> ask(
                List<Peer> peers, String path, JsonNode question, Duration patience, Predicate<JsonNode> enough) {
            asked.add(peers.getFirst().id() + " " + path);
            try {
                return List.of(new PeerAnswer.Answered(peers.getFirst(), trials.answer(question)));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static ObjectNode config(String... values) throws JsonProcessingException {
        return (ObjectNode) JSON.readTree("""
                {"topic": "garden", "segment": "beds", "data_list": ["%s"],
                 "source": {"type": "file", "uri": "{value}.html"}}""".formatted(String.join("\", \"", values)));
    }
}
