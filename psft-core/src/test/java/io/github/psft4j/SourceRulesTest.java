package io.github.psft4j;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** The rules about the source files of all modules that a reader would otherwise have to enforce in review. */
class SourceRulesTest {

    private static final int FILES_IN_A_PACKAGE = 30;
    private static final int LINES_IN_A_FILE = 350;
    private static final int COLUMNS = 120;
    private static final int PARAMETERS = 8;
    private static final int WORDS_IN_A_FIRST_SENTENCE = 25;

    /** Records with more components: a builder, a factory or the names of settings fill them, no list by position. */
    private static final Set<String> FILLED_BY_NAME = Set.of(
            "DataOptions", "DataReport", "DecoderConfig", "Data", "GenerationConfig", "LoraConfig", "RopeScaling");

    private static final List<Path> MAIN = sources("main");

    @Test
    void packagesHoldFewFiles() {
        Map<String, Long> crowded = new TreeMap<>(
                MAIN.stream().collect(groupingBy(file -> file.getParent().toString(), counting())));
        crowded.values().removeIf(files -> files <= FILES_IN_A_PACKAGE);
        assertEquals(Map.of(), crowded, "packages of more than " + FILES_IN_A_PACKAGE + " files");
    }

    @Test
    void mainFilesAreShort() {
        assertEquals(
                List.of(),
                MAIN.stream()
                        .filter(file -> lines(file).size() > LINES_IN_A_FILE)
                        .toList(),
                "files of more than " + LINES_IN_A_FILE + " lines");
    }

    @Test
    void linesFitTheEditor() {
        List<String> wide = Stream.of("main", "test", "jmh")
                .flatMap(kind -> sources(kind).stream())
                .flatMap(file -> {
                    List<String> lines = lines(file);
                    return IntStream.range(0, lines.size())
                            .filter(i ->
                                    lines.get(i).codePointCount(0, lines.get(i).length()) > COLUMNS)
                            .mapToObj(i -> file + ":" + (i + 1));
                })
                .toList();
        assertEquals(List.of(), wide, "lines of more than " + COLUMNS + " columns");
    }

    @Test
    void methodsTakeFewParameters() throws IOException {
        List<String> many = new ArrayList<>();
        parse((file, trees) -> new TreePathScanner<Void, Void>() {
            @Override
            public Void visitMethod(MethodTree method, Void unused) {
                ClassTree owner = (ClassTree) getCurrentPath().getParentPath().getLeaf();
                boolean filledByName = owner.getKind() == Tree.Kind.RECORD
                        && FILLED_BY_NAME.contains(owner.getSimpleName().toString());
                if (method.getParameters().size() > PARAMETERS
                        && !filledByName
                        && !method.getModifiers().getFlags().contains(Modifier.NATIVE)) {
                    many.add(file.getFileName() + " " + method.getName() + " "
                            + method.getParameters().size());
                }
                return super.visitMethod(method, unused);
            }
        });
        assertEquals(List.of(), many, "methods of more than " + PARAMETERS + " parameters");
    }

    @Test
    void firstSentencesAreShort() throws IOException {
        List<String> wordy = new ArrayList<>();
        parse((file, trees) -> new TreePathScanner<Void, Void>() {
            @Override
            public Void scan(Tree tree, Void unused) {
                if (tree != null && getCurrentPath() != null) {
                    check(tree);
                }
                return super.scan(tree, unused);
            }

            private void check(Tree tree) {
                switch (tree.getKind()) {
                    case CLASS, RECORD, INTERFACE, ENUM, ANNOTATION_TYPE, METHOD, VARIABLE -> {
                        DocCommentTree doc = trees.getDocCommentTree(new TreePath(getCurrentPath(), tree));
                        String first = doc == null
                                ? ""
                                : doc.getFirstSentence().toString().replaceAll("\\{@\\w+ [^}]*\\}", "X");
                        long words = Stream.of(first.split("[\\s,]+"))
                                .filter(word -> word.matches(".*[A-Za-z].*"))
                                .count();
                        if (words > WORDS_IN_A_FIRST_SENTENCE) {
                            wordy.add(file.getFileName() + " (" + words + "): " + first);
                        }
                    }
                    default -> {}
                }
            }
        });
        assertEquals(List.of(), wordy, "first sentences of more than " + WORDS_IN_A_FIRST_SENTENCE + " words");
    }

    private interface Visit {
        TreePathScanner<Void, Void> of(Path file, DocTrees trees);
    }

    private static void parse(Visit visit) throws IOException {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) javac.getTask(
                    null,
                    files,
                    diagnostic -> {},
                    List.of("-proc:none"),
                    null,
                    files.getJavaFileObjectsFromPaths(MAIN));
            DocTrees trees = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                visit.of(Path.of(unit.getSourceFile().toUri()), trees).scan(unit, null);
            }
        }
    }

    private static List<Path> sources(String kind) {
        List<Path> all = new ArrayList<>();
        for (String module : List.of("psft-core", "psft-core/spark", "psft-losses", "psft-examples")) {
            Path root = Path.of("..", module, "src", kind, "java");
            if (Files.isDirectory(root)) {
                try (Stream<Path> files = Files.walk(root)) {
                    files.filter(file -> file.toString().endsWith(".java")).forEach(all::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return all;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
