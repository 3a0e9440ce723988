using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LlIcm.Imaging;
using LlIcm.TestSupport;

namespace LlIcm.Cli.Tests;

/// <summary>The packages, as somebody gets them who has no checkout.</summary>
public sealed partial class PackageTests(RandomModels models, Packages packages) : CliTest(models), IClassFixture<Packages>
{
    private static readonly string[] s_systems = ["linux-x64", "linux-arm64", "osx-arm64", "win-x64"];

    [Fact]
    public void The_tool_runs_where_nothing_else_is()
    {
        string folder = Directory.CreateDirectory(At("tool")).FullName;
        packages.Run(folder, "dotnet", [
            "tool", "install", "LlIcm.Tool", "--tool-path", folder, "--source", packages.Folder, "--version", packages.Version]);
        string program = Path.Combine(folder, OperatingSystem.IsWindows() ? "llicm.exe" : "llicm");
        packages.Run(Folder, program, ["run", "a.png", "-o", At("out")]);
        Assert.Equal((48, 40), (Load("out/a.restored.png").Width, Load("out/a.restored.png").Height));
        Assert.Contains("compact", packages.Run(Folder, program, ["info", At("out/a.llic")]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_readme_s_example_runs_from_the_packages_alone()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        string references = Block(readme, "xml", "PackageReference Include=\"LlIcm\"").Replace("Version=\"0.1.0\"", $"Version=\"{packages.Version}\"", StringComparison.Ordinal);
        string project = Directory.CreateDirectory(At("app")).FullName;
        File.WriteAllText(Path.Combine(project, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
            {references}
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{packages.Folder}" />
              </packageSources>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(project, "Program.cs"), Block(readme, "csharp", "LlIcmModel.Load()"));
        byte[] ramp = [.. Enumerable.Range(0, 256 * 192).SelectMany(i => (byte[])[(byte)(i % 256), (byte)(i / 256), 90])];
        PictureFile.Save(new Picture(256, 192, ramp), Path.Combine(project, "rainy.jpg"));
        packages.Run(project, "dotnet", ["build", "-c", "Release", "--nologo", "-v", "q", "-o", At("built")]);
        Assert.Equal("repaired: Rainy", packages.Run(project, "dotnet", [At("built/App.dll")]).Trim());
        Picture clean = PictureFile.Load(Path.Combine(project, "clean.png"));
        Assert.Equal((256, 192), (clean.Width, clean.Height));
    }

    [Theory]
    [InlineData("LlIcm", "LlIcm.Imaging LlIcm.Onnx LlIcm.Tensors System.IO.Hashing")]
    [InlineData("LlIcm.Imaging", "NetVips")]
    [InlineData("LlIcm.Onnx", "LlIcm.Tensors Microsoft.ML.OnnxRuntime.Managed")]
    [InlineData("LlIcm.Tensors", "System.Numerics.Tensors")]
    [InlineData("LlIcm.Quality", "LlIcm LlIcm.Onnx LlIcm.Tensors MathNet.Numerics")]
    [InlineData("LlIcm.Model.Compact", "")]
    public void A_library_s_package_refers_to_managed_packages_only_and_holds_what_belongs_to_it(string id, string dependencies)
    {
        using ZipArchive package = ZipFile.OpenRead(packages.Package(id));
        XElement about = Nuspec(package);
        Assert.Equal(dependencies, string.Join(' ', about.Descendants(about.Name.Namespace + "dependency").Select(each => each.Attribute("id")!.Value).Order(StringComparer.Ordinal)));
        string[] names = [.. package.Entries.Select(entry => entry.FullName)];
        foreach (string file in (string[])["README.md", "LICENSE", "THIRD-PARTY-NOTICES.md"]) Assert.Contains(file, names);
        Assert.DoesNotContain(names, name => name.Contains("native", StringComparison.OrdinalIgnoreCase));
        if (id == "LlIcm.Model.Compact")
        {
            Assert.Equal(4, names.Count(name => name.StartsWith("models/compact/", StringComparison.Ordinal)));
            return;
        }
        Assert.Contains($"lib/net10.0/{id}.xml", names);
        using ZipArchive symbols = ZipFile.OpenRead(Path.ChangeExtension(packages.Package(id), ".snupkg"));
        Assert.Contains($"lib/net10.0/{id}.pdb", symbols.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public void The_tool_carries_the_native_libraries_of_four_systems_and_nothing_of_others()
    {
        using ZipArchive package = ZipFile.OpenRead(packages.Package("LlIcm.Tool"));
        string[] systems = [.. package.Entries.Select(entry => Runtime().Match(entry.FullName)).Where(match => match.Success).Select(match => match.Groups[1].Value)];
        Assert.Equal(s_systems.Order(), systems.Distinct().Order());
        foreach (string part in (string[])["vips", "onnxruntime", "Magick.Native"])
            foreach (string system in s_systems)
                Assert.Contains(package.Entries, entry => entry.FullName.Contains($"runtimes/{system}/native/", StringComparison.Ordinal) && entry.Name.Contains(part, StringComparison.Ordinal));
        // NuGet's own gallery takes no more.
        Assert.InRange(new FileInfo(packages.Package("LlIcm.Tool")).Length, 1, 250_000_000);
    }

    [Fact]
    public void A_publish_for_another_system_holds_its_native_libraries()
    {
        (string System, string[] Files)[] expected =
        [
            ("win-x64", ["LlIcm.Cli.exe", "libvips-42.dll", "onnxruntime.dll", "Magick.Native-Q8-x64.dll"]),
            ("osx-arm64", ["LlIcm.Cli", "libvips.42.dylib", "libonnxruntime.dylib", "Magick.Native-Q8-arm64.dll.dylib"]),
            ("linux-arm64", ["LlIcm.Cli", "libvips.so.42", "libonnxruntime.so", "Magick.Native-Q8-arm64.dll.so"]),
        ];
        foreach ((string system, string[] files) in expected)
        {
            string output = At(system);
            // Apart from the build that runs these tests.
            packages.Run(Folder, "dotnet", [
                "publish", Path.Combine(Repository.Root, "src", "LlIcm.Cli"), "-c", "Release", "-r", system, "--self-contained", "false",
                "--artifacts-path", At("artifacts"), "-o", output, "-p:RunAnalyzers=false", "--nologo", "-v", "q"], isolated: false);
            foreach (string file in files) Assert.True(File.Exists(Path.Combine(output, file)), $"{system} lacks {file}");
            Assert.True(File.Exists(Path.Combine(output, "models", "compact", "codec.safetensors")), $"{system} lacks the model");
        }
    }

    private static XElement Nuspec(ZipArchive package)
    {
        using Stream stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XElement.Load(stream);
    }

    private static string Block(string document, string language, string holding) =>
        Regex.Matches(document, $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)
            .Single(text => text.Contains(holding, StringComparison.Ordinal));

    [GeneratedRegex("/runtimes/([^/]+)/native/")]
    private static partial Regex Runtime();
}
