package io.github.psft4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every relative link and anchor in the Markdown files leads somewhere. Links to other sites are not opened. */
class DocsLinksTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```[^\\n]*$|`[^`\\n]*`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^()\\s]+)[^()]*\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*?) *$");

    @Test
    void everyLinkOfTheProjectResolves() throws IOException {
        List<Path> pages = pages(ROOT);
        assertTrue(pages.contains(ROOT.resolve("README.md")), "no README.md in " + ROOT);
        List<String> broken = new ArrayList<>();
        for (Path page : pages) {
            broken.addAll(broken(page));
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void brokenLinksAreFound(@TempDir Path dir) throws IOException {
        Files.writeString(
                dir.resolve("other.md"), "# A title: `code`, and more\n## Same\n## Same\n```\n# no heading\n```\n");
        Path page = Files.writeString(dir.resolve("page.md"), """
                # Here
                [good](other.md) [good](other.md#a-title-code-and-more) [good](other.md#same-1) [good](#here)
                [good](https://example.org/nothing) `[code](nowhere.md)`
                [bad](nowhere.md) [bad](other.md#no-heading) [bad](#there) ![bad](image.png)
                """);
        assertEquals(
                List.of("nowhere.md", "other.md#no-heading", "#there", "image.png").stream()
                        .map(target -> page + ": " + target)
                        .toList(),
                broken(page));
    }

    private static List<Path> pages(Path root) throws IOException {
        Set<String> skipped = Set.of("target", "runs", ".git");
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> Stream.iterate(file, f -> !f.equals(root), Path::getParent)
                            .noneMatch(f -> skipped.contains(f.getFileName().toString())))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> broken(Path page) throws IOException {
        String text = CODE.matcher(Files.readString(page)).replaceAll("");
        List<String> targets = LINK.matcher(text).results().map(m -> m.group(1)).toList();
        List<String> broken = new ArrayList<>();
        for (String target : targets) {
            if (!target.matches("[a-z]+:.*") && !resolves(page, target)) {
                broken.add(page + ": " + target);
            }
        }
        return broken;
    }

    private static boolean resolves(Path page, String target) throws IOException {
        int hash = target.indexOf('#');
        String path = hash < 0 ? target : target.substring(0, hash);
        Path file = path.isEmpty() ? page : page.resolveSibling(path);
        return Files.exists(file) && (hash < 0 || anchors(file).contains(target.substring(hash + 1)));
    }

    /** The anchors that GitHub gives to the headings of a page. */
    private static Set<String> anchors(Path page) throws IOException {
        String text = Pattern.compile("(?ms)^```.*?^```[^\\n]*$")
                .matcher(Files.readString(page))
                .replaceAll("");
        Set<String> anchors = new HashSet<>();
        for (MatchResult heading : HEADING.matcher(text).results().toList()) {
            String name = heading.group(1)
                    .replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-');
            String anchor = name;
            for (int n = 1; !anchors.add(anchor); n++) {
                anchor = name + "-" + n;
            }
        }
        return anchors;
    }
}
