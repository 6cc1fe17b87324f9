package io.penstock.http.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Citation;
import io.penstock.schema.Usage;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletionJsonTest {
    private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
    private static final Citation CITATION = Citation.newBuilder()
            .setN(1)
            .setTopic("harbour")
            .setSegment("notices")
            .setItem("n-17")
            .setUri("inline:n-17")
            .setText("closed")
            .setStart(3)
            .setEnd(9)
            .setScore(0.5)
            .build();
    private static final ChatAnswer ANSWER = ChatAnswer.newBuilder()
            .setReply("“closed” [1]")
            .setAnswered(true)
            .setAnswerer("extractive")
            .setCitations(List.of(CITATION))
            .setUsage(new Usage(7, 5, 2))
            .build();
    private static final String CITED = "[{'n':1,'topic':'harbour','segment':'notices','processor':'','item':'n-17',"
            + "'label':'','uri':'inline:n-17','text':'closed','start':3,'end':9,'score':0.5}]";

    private final CompletionJson json = new CompletionJson("r-1", NOW, "penstock/harbour", false);

    @Test
    void shouldSayWhenALimitOfTokensCutTheReplyOff() {
        ChatAnswer cut = ChatAnswer.newBuilder(ANSWER).setCut(true).build();

        assertThat(json.whole(cut).at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(json.last(cut).at("/choices/0/finish_reason").asText()).isEqualTo("length");
    }

    @Test
    void shouldShowAnAnswerAsACompletion() {
        assertSame(json.whole(ANSWER), """
                {'id':'chatcmpl-r-1','object':'chat.completion','created':1795248000,'model':'penstock/harbour','choices':[
                  {'index':0,'logprobs':null,'message':{'role':'assistant','content':'“closed” [1]','refusal':null},
                   'citations':%s,'answered':true,'answerer':'extractive','finish_reason':'stop'}],
                 'usage':{'prompt_tokens':7,'completion_tokens':5,'total_tokens':12}}""".formatted(CITED));
    }

    @Test
    void shouldShowAStreamAsChunks() {
        String chunk = "{'id':'chatcmpl-r-1','object':'chat.completion.chunk','created':1795248000,"
                + "'model':'penstock/harbour','choices':[{'index':0,'logprobs':null,%s}]}";

        assertSame(
                json.first(List.of(CITATION)),
                chunk.formatted(
                        "'delta':{'role':'assistant','content':''},'citations':" + CITED + ",'finish_reason':null"));
        assertSame(json.text("“clo"), chunk.formatted("'delta':{'content':'“clo'},'finish_reason':null"));
        assertSame(
                json.last(ANSWER),
                chunk.formatted("'delta':{},'citations':" + CITED
                        + ",'answered':true,'answerer':'extractive','finish_reason':'stop'"));
    }

    @Test
    void shouldTellTheUsageInAChunkWithoutAChoiceAndInNoOther() {
        CompletionJson withUsage = new CompletionJson("r-1", NOW, "penstock", true);

        assertThat(withUsage.text("a").get("usage").isNull()).isTrue();
        assertThat(withUsage.last(ANSWER).get("usage").isNull()).isTrue();
        assertSame(withUsage.usageChunk(ANSWER.getUsage()), """
                {'id':'chatcmpl-r-1','object':'chat.completion.chunk','created':1795248000,'model':'penstock','choices':[],
                 'usage':{'prompt_tokens':7,'completion_tokens':5,'total_tokens':12}}""");
    }

    private static void assertSame(JsonNode found, String expected) {
        assertThat(Json.of(found.toString())).isEqualTo(Json.of(expected));
    }
}
