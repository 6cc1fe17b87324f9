package io.penstock.bench;

import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.springframework.context.annotation.AnnotatedBeanDefinitionReader;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

/**
 * spring-kafka's requests and replies behind Spring MVC and Tomcat as somebody who uses spring-kafka would most
 * likely have them: each call waits on a thread of Tomcat's. No key is asked for and nothing is remembered. A process of its own, which
 * both asks and answers. Ends with its input.
 */
public final class SpringProgram implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Tomcat tomcat = new Tomcat();

    /** Prints the port on which it serves; the arguments say where Kafka is, and name a folder for Tomcat. */
    public static void main(String... arguments) throws Exception {
        Logs.warningsOnly();
        try (EchoTopics topics = new EchoTopics(arguments[0]);
                ReplyingTemplate template = new ReplyingTemplate(topics, "over-spring");
                SpringProgram program = new SpringProgram(template, Path.of(arguments[1]))) {
            System.out.println(program.port());
            while (System.in.read() >= 0) {
                // nothing is ordered
            }
        }
    }

    private SpringProgram(ReplyingTemplate template, Path folder) throws LifecycleException {
        GenericWebApplicationContext beans = new GenericWebApplicationContext();
        new AnnotatedBeanDefinitionReader(beans).register(Mvc.class);
        beans.registerBean(Chat.class, () -> new Chat(template));
        tomcat.setBaseDir(folder.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        // All others keep a connection for as long as it is used, and by default this would end each after 100
        // requests.
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        Context web = tomcat.addContext("", null);
        beans.setServletContext(web.getServletContext());
        Wrapper servlet = Tomcat.addServlet(web, "spring", new DispatcherServlet(beans));
        servlet.setLoadOnStartup(1);
        servlet.addMapping("/");
        tomcat.start();
    }

    private int port() {
        return tomcat.getConnector().getLocalPort();
    }

    @Override
    public void close() throws LifecycleException {
        tomcat.stop();
        tomcat.destroy();
    }

    @EnableWebMvc
    static class Mvc {}

    /** What is asked. */
    public record Asked(String message) {}

    /** What is replied. */
    public record Replied(String reply) {}

    /** Answers as the chat does. */
    @RestController
    public static class Chat {
        private final ReplyingTemplate template;

        Chat(ReplyingTemplate template) {
            this.template = template;
        }

        /** Waits for the reply. */
        @PostMapping("/api/chat")
        public Replied ask(@RequestBody Asked asked) throws ExecutionException, TimeoutException, InterruptedException {
            return new Replied(template.send(asked.message()).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }
}
