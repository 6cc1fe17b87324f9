package io.penstock.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.ConfigProblem;
import io.penstock.schema.SourceConfig;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceParserTest {
    private final Problems problems = new Problems();

    @Test
    void shouldReadEveryFieldOfAnHttpSource() throws IOException {
        SourceConfig source = parse("""
                {"type": "http", "uri": "https://api.example/{value}", "method": "post",
                 "query": {"page_size": 100, "q": "{label}"},
                 "headers": {"Authorization": "Bearer ${PENSTOCK_SECRET_TOKEN}"},
                 "body": {"q": "{value}"}, "content_type": "application/json",
                 "records": {"path": "$.items", "key": "$.id", "label": "$.title", "uri": "$.url",
                             "content": "$.body", "content_type": "text/html"},
                 "pages": {"by": "number", "parameter": "page", "first": 0, "most": 5}}""");

        assertThat(problems.list()).isEmpty();
        assertThat(source.getMethod()).isEqualTo("POST");
        assertThat(source.getQuery()).isEqualTo(Map.of("page_size", "100", "q", "{label}"));
        assertThat(source.getHeaders()).containsEntry("Authorization", "Bearer ${PENSTOCK_SECRET_TOKEN}");
        assertThat(source.getBody()).isEqualTo("{\"q\":\"{value}\"}");
        assertThat(source.getRecords().getPath()).isEqualTo("$.items");
        assertThat(source.getRecords().getKey()).isEqualTo("$.id");
        assertThat(source.getRecords().getLabel()).isEqualTo("$.title");
        assertThat(source.getRecords().getUri()).isEqualTo("$.url");
        assertThat(source.getRecords().getContent()).isEqualTo("$.body");
        assertThat(source.getRecords().getContentType()).isEqualTo("text/html");
        assertThat(source.getPages().getBy()).isEqualTo("number");
        assertThat(source.getPages().getParameter()).isEqualTo("page");
        assertThat(source.getPages().getFirst()).isZero();
        assertThat(source.getPages().getMost()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"type": "file", "uri": "texts/*.txt"}
            {"type": "file", "uri": "a.json", "records": {"path": "$", "key": "$.id"}}
            {"type": "feed", "uri": "https://h/{value}.xml", "query": {"n": 5}, "headers": {"Accept": "x"}}
            {"type": "inline", "content_type": "text/html"}
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "link"}}
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "link", "path": "$.next"}}
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "cursor", "path": "$.c", "parameter": "c"}}
            {"type": "http", "uri": "https://h/", "headers": {"X": "${value}"}}
            """)
    void shouldTakeWhatIsRight(String json) throws IOException {
        parse(json);

        assertThat(problems.list()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                          | source.type
            {"type": 5}                                                 | source.type
            {"type": "ftp"}                                             | source.type
            {"type": "file"}                                            | source.uri
            {"type": "file", "uri": 5}                                  | source.uri
            {"type": "file", "uri": "x", "url": "y"}                    | source.url
            {"type": "file", "uri": "x", "headers": {}}                 | source.headers
            {"type": "file", "uri": "x", "pages": {"by": "link"}}       | source.pages
            {"type": "feed"}                                            | source.uri
            {"type": "feed", "uri": "feeds/a.xml"}                      | source.uri
            {"type": "feed", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}} | source.records
            {"type": "inline", "uri": "x"}                              | source.uri
            {"type": "inline", "content_type": 5}                       | source.content_type
            {"type": "http", "uri": "https://h/", "method": 5}          | source.method
            {"type": "http", "uri": "https://h/", "method": "PUT"}      | source.method
            {"type": "http", "uri": "https://h/", "body": "x"}          | source.body
            {"type": "http", "uri": "https://h/${PENSTOCK_SECRET_A}"}   | source.uri
            {"type": "http", "uri": "https://h/", "query": "a=b"}       | source.query
            {"type": "http", "uri": "https://h/", "query": {"a": []}}   | source.query.a
            {"type": "http", "uri": "https://h/", "query": {"a": "${lower}"}} | source.query.a
            {"type": "http", "uri": "https://h/", "headers": []}        | source.headers
            {"type": "http", "uri": "https://h/", "headers": {"A": null}} | source.headers.A
            {"type": "http", "uri": "https://h/", "headers": {"A": "${a-b}"}} | source.headers.A
            {"type": "http", "uri": "https://h/", "headers": {"If-None-Match": "x"}} | source.headers.If-None-Match
            {"type": "http", "uri": "https://h/", "headers": {"A": "1", "a": "2"}} | source.headers.a
            {"type": "http", "uri": "https://h/", "records": "$.items"} | source.records
            {"type": "http", "uri": "https://h/", "records": {"key": "$.id"}} | source.records.path
            {"type": "http", "uri": "https://h/", "records": {"path": "$"}} | source.records.key
            {"type": "http", "uri": "https://h/", "records": {"path": "$[", "key": "$.id"}} | source.records.path
            {"type": "http", "uri": "https://h/", "records": {"path": "", "key": "$.id"}} | source.records.path
            {"type": "http", "uri": "https://h/", "records": {"path": 5, "key": "$.id"}} | source.records.path
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id", "labels": "$.a"}} | source.records.labels
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id", "content_type": "text/html"}} | source.records.content_type
            {"type": "http", "uri": "https://h/", "pages": {"by": "link"}} | source.pages
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": "link"} | source.pages
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {}} | source.pages.by
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "magic"}} | source.pages.by
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "link", "parameter": "p"}} | source.pages.parameter
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "link", "first": 1}} | source.pages.first
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "cursor", "parameter": "p"}} | source.pages.path
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "cursor", "path": "$.c"}} | source.pages.parameter
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "number"}} | source.pages.parameter
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "number", "parameter": " "}} | source.pages.parameter
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "number", "parameter": "p", "path": "$.a"}} | source.pages.path
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "number", "parameter": "p", "most": 0}} | source.pages.most
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "number", "parameter": "p", "most": 1.5}} | source.pages.most
            {"type": "http", "uri": "https://h/", "records": {"path": "$", "key": "$.id"}, "pages": {"by": "number", "parameter": "p", "first": "1"}} | source.pages.first
            """)
    void shouldNameTheFieldThatIsWrong(String json, String field) throws IOException {
        parse(json);

        assertThat(problems.list()).extracting(ConfigProblem::getField).contains(field);
        assertThat(problems.list()).extracting(ConfigProblem::getCode).containsOnly("processor.invalid");
    }

    private SourceConfig parse(String json) throws IOException {
        return Objects.requireNonNull(new SourceParser(problems).parse(JsonEntries.MAPPER.readTree(json)));
    }
}
