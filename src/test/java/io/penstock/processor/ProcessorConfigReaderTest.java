package io.penstock.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ConfigProblem;
import io.penstock.schema.DataEntry;
import io.penstock.schema.LabelDefinition;
import io.penstock.schema.ModelChoice;
import io.penstock.schema.ProcessorEntry;
import io.penstock.schema.ProcessorState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessorConfigReaderTest {
    private static final Path ORIGINAL = Path.of("src/test/resources/original/processors");
    private static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");

    private final ProcessorConfigReader reader = new ProcessorConfigReader(InstantSource.fixed(NOW));

    @TempDir
    private Path folder;

    @Test
    void shouldLoadTheOriginalsArrayFormAndFields() throws IOException {
        List<ProcessorEntry> entries = read(ORIGINAL.resolve("config.json"));

        assertThat(entries).hasSize(2);
        ProcessorEntry news = entries.getFirst();
        assertThat(news.getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(news.getId()).isEqualTo("alert_financials.news.1");
        assertThat(news.getTopic()).isEqualTo("alert_financials");
        assertThat(news.getSegment()).isEqualTo("news");
        assertThat(news.getPromptTemplate()).isEqualTo("What do these headlines mean for [ASSET_NAME] ([VALUE])?");
        assertThat(news.getBatchSize()).isEqualTo(5);
        assertThat(news.getApiRateLimit()).isEqualTo(7.0);
        assertThat(news.getLabels())
                .containsExactly(
                        new LabelDefinition("bullish", "good for the price"),
                        new LabelDefinition("bearish", "bad for the price"));
        assertThat(news.getDataList())
                .extracting(DataEntry::getValue, DataEntry::getLabel)
                .containsExactly(tuple("aapl", "Apple Inc"), tuple("X:BTCUSD", "Bitcoin"));
        assertThat(news.getFile()).isEqualTo("processors/test.json");
        assertThat(news.getUpdatedAt()).isEqualTo(NOW);
    }

    @Test
    void shouldNumberProcessorsOfOneSegment() throws IOException {
        assertThat(read(ORIGINAL.resolve("config.json")))
                .extracting(ProcessorEntry::getId)
                .containsExactly("alert_financials.news.1", "alert_financials.news.2");
    }

    @Test
    void shouldTakeTheEntriesOwnFieldsWhenThereIsNoSource() throws IOException {
        ProcessorEntry inline = read(ORIGINAL.resolve("config.json")).get(1);

        assertThat(inline.getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(inline.getSource().getType()).isEqualTo("inline");
        assertThat(inline.getDataList().getFirst().getFields())
                .isEqualTo(Map.of("text", "Apple shows a new telephone."));
        assertThat(inline.getBatchSize()).isEqualTo(10);
        assertThat(inline.getApiRateLimit()).isZero();
    }

    @Test
    void shouldLoadASingleObjectWithAListOfPlainStringsAndNumbers() throws IOException {
        ProcessorEntry entry = read(ORIGINAL.resolve("single.json")).getFirst();

        assertThat(entry.getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(entry.getDataList()).extracting(DataEntry::getValue).containsExactly("aapl", "msft", "7");
        assertThat(entry.getDataList()).extracting(DataEntry::getLabel).containsExactly("aapl", "msft", "7");
    }

    @Test
    void shouldListAProcessorWithNeitherSourceNorContentAsInvalid() {
        ProcessorEntry entry = parsed("""
                {"topic": "t", "segment": "s", "data_list": [{"value": "a", "text": "x"}, "b"]}""");

        assertInvalid(entry, ErrorCode.PROCESSOR_SOURCE_MISSING, "source");
        assertThat(entry.getProblems().getFirst().getMessage())
                .contains("1 of 2")
                .contains("'b'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$.items[*]",
                "items",
                "$['a]b'].items",
                "$.items[?(@.name == 'it\\'s [')]",
                "$.items[?(@.name =~ /[a-z)]+]/)]",
                "$..book[0,1]"
            })
    void shouldTakeAPathWhoseBracketsMatch(String path) {
        ObjectNode node =
                JsonEntries.MAPPER.createObjectNode().put("topic", "t").put("segment", "s");
        node.putArray("data_list").add("a");
        node.putObject("source")
                .put("type", "http")
                .put("uri", "http://host/")
                .putObject("records")
                .put("path", path)
                .put("key", "$.id");

        assertThat(parsed(node.toString()).getProblems()).isEmpty();
    }

    @Test
    void shouldWarnOfMorePagesThanFitIntoTheTimeOfAnEntry() {
        String config = """
                {"topic": "t", "segment": "s", "data_list": ["a", "b", "c"], "batch_size": %d, "api_rate_limit": %s,
                 "source": {"type": "http", "uri": "http://host/{value}", "records": {"path": "$.items", "key": "$.id"},
                            "pages": {"by": "number", "parameter": "p", "most": %d}}}""";

        ProcessorEntry slow = parsed(config.formatted(10, "0.5", 101));

        assertThat(slow.getState()).as("it may work").isEqualTo(ProcessorState.ACTIVE);
        assertThat(slow.getProblems()).isEmpty();
        assertThat(slow.getWarnings().getFirst().getField()).isEqualTo("source.pages.most");
        assertThat(slow.getWarnings().getFirst().getMessage())
                .startsWith("101 pages of 3 entries at once take 11 minutes at 0.5 requests per second");
        assertThat(parsed(config.formatted(10, "0.5", 100)).getWarnings()).isEmpty();
        assertThat(parsed(config.formatted(1, "0.5", 101)).getWarnings()).isEmpty();
        assertThat(parsed(config.formatted(10, "0", 1000)).getWarnings()).isEmpty();
    }

    @Test
    void shouldNameTheDataListThatIsMissing() throws IOException {
        Path file = write("p.json", """
                {"topic": "t", "segment": "s", "data_list": "lists/none.json", "source": {"type": "file", "uri": "x"}}""");

        ProcessorEntry entry = read(file).getFirst();

        assertInvalid(entry, ErrorCode.DATA_LIST_MISSING, "data_list");
        assertThat(entry.getProblems().getFirst().getMessage()).contains("lists/none.json");
    }

    @Test
    void shouldSayFileLineAndFaultOfAnUnreadableDataList() throws IOException {
        write("list.json", "[\"a\",\n\"b\"\n\"c\"]");
        Path file = write("p.json", """
                {"topic": "t", "segment": "s", "data_list": "list.json", "source": {"type": "file", "uri": "x"}}""");

        ProcessorEntry entry = read(file).getFirst();

        assertInvalid(entry, ErrorCode.PROCESSOR_INVALID, "data_list");
        assertThat(entry.getProblems().getFirst().getMessage()).contains("list.json, line 3");
    }

    @Test
    void shouldNameFileLineAndFaultOfUnreadableJson() throws IOException {
        Path file = write("p.json", "[\n  {\"topic\": \"t\",\n   oops}\n]");

        assertThatThrownBy(() -> read(file))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
                .hasMessageContaining("processors/test.json, line 3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''          | it is empty
            {}{}        | something follows
            [{}] x      | Unrecognized token
            {"a":1,"a":2} | Duplicate field
            [{}         | line 1
            """)
    void shouldRefuseWhatIsNoJson(String json, String fault) {
        assertThatThrownBy(() -> reader.parse(json, "the body"))
                .isInstanceOf(JsonEntries.InvalidConfigException.class)
                .hasMessageContaining(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "topic": "T"                 | name.invalid       | topic
            "segment": "alert"           | name.invalid       | segment
            "segment": null              | name.invalid       | segment
            "id": "a/b"                  | processor.invalid  | id
            "batch_size": 0              | processor.invalid  | batch_size
            "batch_size": 2.5            | processor.invalid  | batch_size
            "batch_size": "10"           | processor.invalid  | batch_size
            "api_rate_limit": -1         | processor.invalid  | api_rate_limit
            "prompt_template": 5         | processor.invalid  | prompt_template
            "removed_items": "drop"      | processor.invalid  | removed_items
            "removed_items": true        | processor.invalid  | removed_items
            "labels": {"a": 1}           | processor.invalid  | labels
            "labels": [{"description":"x"}] | processor.invalid | labels[0].name
            "data_list": []              | processor.invalid  | data_list
            "data_list": {}              | processor.invalid  | data_list
            "data_list": null            | processor.invalid  | data_list
            "data_list": "../list.json"  | processor.invalid  | data_list
            "data_list": [{"label":"x"}] | processor.invalid  | data_list[0].value
            "data_list": ["a", ["b"]]    | processor.invalid  | data_list[1]
            "data_list": ["a\\nb"]       | processor.invalid  | data_list[0]
            "data_list": [{"value":"a","x":1},{"value":"a","x":2}] | processor.invalid | data_list[1].value
            "llm": "none"                | processor.invalid  | llm
            "llm": {"kind": "magic"}     | processor.invalid  | llm.kind
            "llm": {"model": ""}         | processor.invalid  | llm.model
            "llm": {"model": 7}          | processor.invalid  | llm.model
            "llm": {"temperature": 2.5}  | processor.invalid  | llm.temperature
            "llm": {"temperature": "1"}  | processor.invalid  | llm.temperature
            "llm": {"base_url": "http://h/v1"} | processor.invalid | llm.base_url
            "source": {"type":"http","uri":"http://host/","records":{"path":"items[","key":"$.id"}} | processor.invalid | source.records.path
            "source": {"type":"http","uri":"http://host/","records":{"path":"$.items","key":"id]"}} | processor.invalid | source.records.key
            "source": {"type":"http","uri":"http://host/","records":{"path":"$.items[?(@.a == '[')","key":"$.id"}} | processor.invalid | source.records.path
            "source": "file"             | processor.invalid  | source
            "source": {"type":"ftp"}     | processor.invalid  | source.type
            "source": {"type":"file"}    | processor.invalid  | source.uri
            "source": {"type":"http","uri":"file:///etc/passwd"} | processor.invalid | source.uri
            "source": {"type":"http","uri":"http://u:p@host/"}   | processor.invalid | source.uri
            "source": {"type":"http","uri":"http://host/{vlaue}"} | processor.invalid | source.uri
            "source": {"type":"http","uri":"http://host/","method":"PUT"} | processor.invalid | source.method
            "source": {"type":"http","uri":"http://host/","headers":{"Host":"x"}} | processor.invalid | source.headers.Host
            "source": {"type":"http","uri":"http://host/","headers":{"a b":"x"}}  | processor.invalid | source.headers.a b
            "source": {"type":"http","uri":"http://host/","headers":{"A":"x\\r\\nB: y"}} | processor.invalid | source.headers.A
            """)
    void shouldNameTheFieldThatIsWrong(String field, String code, String path) throws IOException {
        ObjectNode node = (ObjectNode) JsonEntries.MAPPER.readTree("""
                {"topic": "t", "segment": "s", "data_list": ["a"], "source": {"type": "file", "uri": "{value}"}}""");
        JsonNode change = JsonEntries.MAPPER.readTree("{" + field + "}");
        node.setAll((ObjectNode) change);

        ProcessorEntry entry = reader.parse(node.toString(), "the body").getFirst();

        assertThat(entry.getState()).isEqualTo(ProcessorState.INVALID);
        assertThat(entry.getProblems())
                .extracting(ConfigProblem::getCode, ConfigProblem::getField)
                .contains(tuple(code, path));
    }

    @Test
    void shouldTakeTheVerySameEntryTwiceAsOne() {
        ProcessorEntry entry = parsed("""
                {"topic": "t", "segment": "s", "data_list": ["a", "a"], "source": {"type": "file", "uri": "{value}"}}""");

        assertThat(entry.getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(entry.getDataList()).hasSize(1);
    }

    @Test
    void shouldKeepUnknownFieldsButNeverAKey() {
        ProcessorEntry entry = parsed("""
                {"topic": "t", "segment": "s", "data_list": [{"value": "a", "text": "b"}], "owner": "me",
                 "api_key": "secret"}""");

        assertThat(entry.getState()).isEqualTo(ProcessorState.ACTIVE);
        assertThat(entry.getConfig()).contains("\"owner\":\"me\"").doesNotContain("secret");
    }

    @Test
    void shouldKeepFieldsThatAreNotTextAsJson() {
        ProcessorEntry entry = parsed("""
                {"topic": "t", "segment": "s", "data_list": [{"value": "a", "n": 7, "list": [1, 2], "gone": null}]}""");

        assertThat(entry.getDataList().getFirst().getFields()).isEqualTo(Map.of("n", "7", "list", "[1,2]"));
    }

    @Test
    void shouldTakeTheChoiceOfALanguageModel() {
        assertThat(withModel("{\"kind\": \"openai\", \"model\": \" llama3 \", \"temperature\": 0}")
                        .getLlm())
                .isEqualTo(new ModelChoice("openai", "llama3", 0.0));
        assertThat(withModel("{\"kind\": \"none\"}").getLlm()).isEqualTo(new ModelChoice("none", null, null));
        assertThat(withModel("null").getLlm()).isNull();
    }

    @Test
    void shouldNotStoreAKeyThatIsWrittenWhereTheModelIsChosen() {
        ProcessorEntry entry = withModel(
                "{\"kind\": \"openai\", \"api_key\": \"sk-secret\", \"base_url\": \"http://h?key=sk-secret\"}");

        assertThat(entry.getState()).isEqualTo(ProcessorState.INVALID);
        assertThat(entry.getProblems())
                .extracting(ConfigProblem::getField)
                .containsExactly("llm.api_key", "llm.base_url");
        assertThat(entry.toString()).contains("OPENAI_API_KEY").doesNotContain("sk-secret");
    }

    @Test
    void shouldReadEntriesThatWereStoredBeforeAModelCouldBeChosen() throws IOException {
        Schema now = ProcessorEntry.getClassSchema();
        Schema before = Schema.createRecord(now.getName(), now.getDoc(), now.getNamespace(), false);
        before.setFields(now.getFields().stream()
                .takeWhile(field -> !field.name().equals("llm"))
                .map(field -> new Schema.Field(field, field.schema()))
                .toList());
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(stored, null);
        new SpecificDatumWriter<ProcessorEntry>(before).write(withModel("{\"kind\": \"none\"}"), encoder);
        encoder.flush();

        ProcessorEntry read = new SpecificDatumReader<ProcessorEntry>(before, now)
                .read(null, DecoderFactory.get().binaryDecoder(stored.toByteArray(), null));

        assertThat(read.getId()).isEqualTo("t.s.1");
        assertThat(read.getLlm()).isNull();
    }

    @Test
    void shouldTakeTheIdOfTheAddress() throws IOException {
        JsonNode body = JsonEntries.MAPPER.readTree("""
                {"topic": "t", "segment": "s", "data_list": [{"value": "a", "text": "b"}]}""");

        assertThat(reader.parse(body, "mine").getId()).isEqualTo("mine");
        assertThat(reader.parse(body, "mine").getState()).isEqualTo(ProcessorState.ACTIVE);
    }

    @Test
    void shouldRefuseAnIdThatContradictsTheAddress() throws IOException {
        JsonNode body = JsonEntries.MAPPER.readTree("""
                {"id": "yours", "topic": "t", "segment": "s", "data_list": [{"value": "a", "text": "b"}]}""");

        assertInvalid(reader.parse(body, "mine"), ErrorCode.PROCESSOR_INVALID, "id");
    }

    @Test
    void shouldHashTheDataListWithTheFile() throws IOException {
        Path file = write("p.json", """
                {"topic": "t", "segment": "s", "data_list": "list.json", "source": {"type": "file", "uri": "x"}}""");
        String missing = read(file).getFirst().getFileHash();
        write("list.json", "[\"a\"]");
        String first = read(file).getFirst().getFileHash();
        String again = read(file).getFirst().getFileHash();
        write("list.json", "[\"b\"]");
        String changed = read(file).getFirst().getFileHash();

        assertThat(first).hasSize(64).isEqualTo(again).isNotEqualTo(missing).isNotEqualTo(changed);
    }

    private List<ProcessorEntry> read(Path file) throws IOException {
        return reader.read(file, "processors/test.json", new ProcessorIds()).entries();
    }

    private ProcessorEntry parsed(String json) {
        return reader.parse(json, "the body").getFirst();
    }

    private ProcessorEntry withModel(String choice) {
        return parsed(
                "{\"topic\": \"t\", \"segment\": \"s\", \"data_list\": [{\"value\": \"a\", \"text\": \"b\"}], \"llm\": "
                        + choice + "}");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static void assertInvalid(ProcessorEntry entry, ErrorCode code, String field) {
        assertThat(entry.getState()).isEqualTo(ProcessorState.INVALID);
        assertThat(entry.getProblems())
                .extracting(ConfigProblem::getCode, ConfigProblem::getField)
                .containsExactly(tuple(code.code(), field));
    }
}
