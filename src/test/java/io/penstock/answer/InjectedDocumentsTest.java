package io.penstock.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.answer.Question.Exchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/**
 * Text of documents is data: whatever it says, the model is told the same, and the text stays where it is put. What reaches the
 * model is read by a parser of XML, which takes every forged delimiter for one.
 */
@Timeout(60)
class InjectedDocumentsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Injected HARMLESS = new Injected("Norra", "inline:norra", "The lighthouse was built in 1871.");
    private static final String ASKED = "When was the lighthouse built?";

    private final ChatServer server = new ChatServer();
    private final AnswerSettings settings = AnswerSettings.from(Map.of(
            "PENSTOCK_LLM", "openai",
            "PENSTOCK_LLM_MODEL", "test-model",
            "OPENAI_BASE_URL", server.url(),
            "OPENAI_API_KEY", "sk-do-not-tell")::get);

    private record Injected(String label, String uri, String text) {
        /** What every part of it is to arrive as. */
        private static String plain(String text) {
            StringBuilder plain = new StringBuilder();
            text.codePoints()
                    .map(c -> c != '\n' && c != '\t' && Character.isISOControl(c) ? ' ' : c)
                    .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
                    .forEach(plain::appendCodePoint);
            return plain.toString();
        }

        private static String onOneLine(String text) {
            return plain(text).replace('\n', ' ').replace('\t', ' ');
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldTryTwentyDocuments() throws Exception {
        assertThat(documents()).hasSize(20).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(Reasoning.class)
    void shouldKeepDocumentsInTheirPassages(Reasoning reasoning) throws Exception {
        JsonNode harmless = asked(question(ASKED, List.of(HARMLESS, HARMLESS, HARMLESS), List.of(), reasoning));
        for (Injected document : documents()) {
            List<Injected> passages = List.of(HARMLESS, document, HARMLESS);

            JsonNode sent = asked(question(ASKED, passages, List.of(), reasoning));

            assertToldTheSame(sent, harmless);
            Element root = parts(sent, "conversation", "passages", "question");
            assertThat(textOf(root, "question")).isEqualTo(ASKED);
            assertThat(textOf(root, "conversation")).isEmpty();
            List<Element> elements =
                    elements(root.getElementsByTagName("passages").item(0));
            assertThat(elements)
                    .extracting(Element::getTagName)
                    .containsOnly("passage")
                    .hasSize(3);
            for (int i = 0; i < 3; i++) {
                Element passage = elements.get(i);
                Injected expected = passages.get(i);
                assertThat(passage.getAttribute("n")).isEqualTo(Integer.toString(i + 1));
                assertThat(passage.getAttribute("label")).isEqualTo(Injected.onOneLine(expected.label()));
                assertThat(passage.getAttribute("uri")).isEqualTo(Injected.onOneLine(expected.uri()));
                assertThat(passage.getAttributes().getLength()).isEqualTo(3);
                assertThat(elements(passage)).isEmpty();
                assertThat(passage.getTextContent()).isEqualTo("\n" + Injected.plain(expected.text()) + "\n");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Reasoning.class)
    void shouldKeepQuestionsAndRepliesInTheirPlaces(Reasoning reasoning) throws Exception {
        JsonNode harmless = asked(
                question(ASKED, List.of(HARMLESS), List.of(new Exchange("Who built it?", "Ada Holm.")), reasoning));
        for (Injected document : documents()) {
            String text = document.text();
            List<Exchange> history =
                    List.of(new Exchange("Who built it?", text), new Exchange(text, "Nothing is known."));

            JsonNode sent = asked(question(text, List.of(HARMLESS), history, reasoning));

            assertToldTheSame(sent, harmless);
            Element root = parts(sent, "conversation", "passages", "question");
            assertThat(textOf(root, "question")).isEqualTo(Injected.plain(text));
            List<Element> turns =
                    elements(root.getElementsByTagName("conversation").item(0));
            assertThat(turns).extracting(Element::getTagName).containsExactly("asked", "replied", "asked", "replied");
            assertThat(turns)
                    .extracting(Element::getTextContent)
                    .as("numbers in replies are left out")
                    .containsExactly(
                            "\nWho built it?\n",
                            "\n" + Injected.plain(text.replace(" [1]", "")) + "\n",
                            "\n" + Injected.plain(text) + "\n",
                            "\nNothing is known.\n");
        }
    }

    @Test
    void shouldKeepDocumentsInTheirAnalyses() throws Exception {
        JsonNode harmless = analysed("Sum it up.", HARMLESS.text());
        for (Injected document : documents()) {
            JsonNode sent = analysed("Sum up " + document.label() + ".", document.text());

            assertToldTheSame(sent, harmless);
            Element root = parts(sent, "instructions", "document");
            assertThat(textOf(root, "instructions")).isEqualTo("Sum up " + Injected.plain(document.label()) + ".");
            assertThat(textOf(root, "document")).isEqualTo(Injected.plain(document.text()));
        }
    }

    private JsonNode asked(Question question) throws Exception {
        server.will(ChatServer.text("It was built in 1871 [1]."));
        Answerers.answerer(settings, new WordEmbedder(), new ModelUsage(), InstantSource.system())
                .answer(question);
        return server.lastBody();
    }

    private JsonNode analysed(String instructions, String text) throws Exception {
        server.will(ChatServer.text("It was built in 1871."));
        Answerers.analysts(settings, new ModelUsage(), InstantSource.system())
                .analyst(null)
                .orElseThrow()
                .analyse(instructions, text);
        return server.lastBody();
    }

    /** Everything but the last message is what it is for harmless documents, byte by byte. */
    private static void assertToldTheSame(JsonNode sent, JsonNode harmless) throws IOException {
        assertThat(sent.get("messages"))
                .extracting(message -> message.get("role").asText())
                .containsExactly("system", "user");
        assertThat(system(sent)).isEqualTo(system(harmless));
        assertThat(JSON.writeValueAsBytes(withoutLast(sent))).isEqualTo(JSON.writeValueAsBytes(withoutLast(harmless)));
    }

    private static byte[] system(JsonNode body) {
        return body.at("/messages/0/content").textValue().getBytes(UTF_8);
    }

    private static JsonNode withoutLast(JsonNode body) {
        ObjectNode rest = body.deepCopy();
        rest.withArray("messages").remove(1);
        return rest;
    }

    /** The last message, which holds these elements, in this order and once each, and the operator's words between them. */
    private static Element parts(JsonNode sent, String... names) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        String xml = "<message>" + sent.at("/messages/1/content").textValue() + "</message>";
        Element root = factory.newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)))
                .getDocumentElement();
        assertThat(elements(root)).extracting(Element::getTagName).containsExactly(names);
        return root;
    }

    private static String textOf(Element root, String name) {
        Node element = root.getElementsByTagName(name).item(0);
        assertThat(elements(element)).as(name).isEmpty();
        String text = element.getTextContent();
        assertThat(text).startsWith("\n").endsWith("\n");
        return text.length() < 2 ? "" : text.substring(1, text.length() - 1);
    }

    private static List<Element> elements(Node parent) {
        List<Element> elements = new ArrayList<>();
        for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element element) {
                elements.add(element);
            }
        }
        return elements;
    }

    private static Question question(
            String text, List<Injected> documents, List<Exchange> history, Reasoning reasoning) {
        List<Passage> passages = documents.stream()
                .map(document -> new Passage(
                        document.uri(),
                        "t",
                        "s",
                        "p",
                        "item",
                        document.label(),
                        document.uri(),
                        document.text(),
                        0,
                        document.text().length(),
                        1))
                .toList();
        return new Question(text, passages, history, reasoning);
    }

    private static List<Injected> documents() throws IOException {
        try (InputStream in = InjectedDocumentsTest.class.getResourceAsStream("/injected/documents.json")) {
            return JSON.readValue(Objects.requireNonNull(in), new TypeReference<>() {});
        }
    }
}
