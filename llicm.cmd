@echo off
rem LL-ICM's command line on Windows, as ./llicm elsewhere: builds on the first call and after a change of the sources. Needs the .NET 10 SDK.
setlocal
set "llicm_root=%~dp0"
set "llicm_dll=%~dp0artifacts\bin\LlIcm.Cli\release\LlIcm.Cli.dll"
where /q dotnet || (echo llicm: the .NET 10 SDK is not installed: https://dot.net 1>&2 & exit /b 3)
powershell -NoProfile -Command "$d = Get-Item -ErrorAction Ignore $env:llicm_dll; if (-not $d) { exit 1 }; $s = Get-ChildItem -Recurse -File (Join-Path $env:llicm_root 'src'), (Join-Path $env:llicm_root 'models'); exit [int](($s.LastWriteTime | Measure-Object -Maximum).Maximum -gt $d.LastWriteTime)"
if errorlevel 1 (
  echo building src\LlIcm.Cli 1>&2
  dotnet build "%~dp0src\LlIcm.Cli" -c Release --nologo -v q -p:RunAnalyzers=false 1>&2 || exit /b 3
  powershell -NoProfile -Command "(Get-Item $env:llicm_dll).LastWriteTime = Get-Date"
)
dotnet "%llicm_dll%" %*
exit /b %errorlevel%
