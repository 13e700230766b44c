@echo off
rem Starts psft. Java: JAVA_HOME, or else java on the PATH. Options for the JVM: JAVA_OPTS, then PSFT_OPTS (wins).
setlocal EnableExtensions
for %%i in ("%~dp0..") do set "home=%%~fi"

set "java=java.exe"
if not defined JAVA_HOME goto ask
set "java=%JAVA_HOME%\bin\java.exe"
if exist "%java%" goto ask
rem Not in a block: a path may hold a parenthesis, as "Program Files (x86)" does.
echo psft: JAVA_HOME is "%JAVA_HOME%", but there is no bin\java.exe in it; point it to a JDK 17 or newer 1>&2
exit /b 2

:ask
rem Tokenizers, terminals and arrays are native code. From 24 on Java warns of it unless it is allowed; 17 knows no such options.
set "native=--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
"%java%" %native% -version >nul 2>&1 && goto found
set "native="
"%java%" -version >nul 2>&1
if errorlevel 1 (
  echo psft: no java found; install a JDK 17 or newer, or point JAVA_HOME to one 1>&2
  exit /b 2
)

:found
rem Java refuses to start with two collectors; the last two variables are read by Java itself.
set "named=no"
for %%o in (%JAVA_OPTS% %PSFT_OPTS% %JDK_JAVA_OPTIONS% %JAVA_TOOL_OPTIONS%) do (
  for %%g in (Serial Parallel G1 Z Shenandoah Epsilon) do if "%%~o"=="-XX:+Use%%gGC" set "named=yes"
)

rem Commands that compute get everything the kernels can use; the others start fast. Help always starts fast.
set "kind=short"
for %%c in (train plan score eval generate chat serve bench data) do if /i "%~1"=="%%c" set "kind=long"
for %%a in (%*) do (
  if "%%~a"=="-h" set "kind=short"
  if "%%~a"=="--help" set "kind=short"
)
if "%kind%"=="short" (
  set "flags=-XX:TieredStopAtLevel=1 -Xshare:auto"
  set "collector=-XX:+UseSerialGC"
  goto start
)
set "collector=-XX:+UseParallelGC"
set "flags=-XX:MaxNewSize=64m -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0"
"%java%" --list-modules | findstr /b "jdk.incubator.vector" >nul && set "flags=%flags% --add-modules jdk.incubator.vector"
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
if not defined OPENBLAS_THREAD_TIMEOUT set "OPENBLAS_THREAD_TIMEOUT=4"

:start
if "%named%"=="yes" set "collector="
set "path_=%home%\lib\psft-examples-@project.version@.jar;%home%\lib\picocli-@picocli.version@.jar;%home%\lib\*"
rem Weights and gradients pass through the heap of a driver: room for those of a step.
for %%a in (%*) do if "%%~a"=="--cluster" set "flags=%flags% -XX:MaxNewSize=128m"
rem A cluster needs Spark's jars, if they are there: with those of psft in one folder, in versions that fit each other.
for %%a in (%*) do if "%%~a"=="--cluster" if exist "%home%\spark\jars" (
  set "path_=%home%\spark\jars\*"
  if not defined SPARK_HOME set "SPARK_HOME=%home%\spark"
  if not defined SPARK_SCALA_VERSION set "SPARK_SCALA_VERSION=2.13"
)
"%java%" %flags% %collector% %native% "-Dpsft.home=%home%" %JAVA_OPTS% %PSFT_OPTS% -cp "%path_%" io.github.psft4j.cli.Psft %*
exit /b %ERRORLEVEL%
