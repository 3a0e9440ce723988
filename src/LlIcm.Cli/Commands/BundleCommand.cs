using System.CommandLine;
using System.Diagnostics;
using LlIcm.Cli.Terminal;
using LlIcm.Training;
using LlIcm.Training.Bundles;
using LlIcm.Training.Data;

namespace LlIcm.Cli.Commands;

/// <summary><c>llicm train bundle</c>: a training run as an archive, for a machine without .NET.</summary>
public static class BundleCommand
{
    private static readonly string[] s_stages = ["codec", "vlm", "controller", "restorer", "recogniser", "joint"];

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        Argument<string> stage = new("stage") { HelpName = "STAGE", Description = "codec, vlm, controller, restorer, recogniser or joint." };
        stage.AcceptOnlyFromAmong(s_stages);
        Option<string?> recipe = new("--recipe") { HelpName = "FILE", Description = "The recipe, with a data section or together with --data." };
        Option<string[]> set = new("--set") { HelpName = "KEY=VALUE", Description = "Change one entry of the recipe; repeatable." };
        Option<string?> data = new("--data") { HelpName = "FOLDER", Description = "Photographs or pairs, instead of the recipe's; for restorer and recogniser their crops." };
        Option<string?> validation = new("--validation") { HelpName = "FOLDER", Description = "Photographs (for restorer and recogniser crops) kept out of training, to measure on." };
        Option<string?> model = new("--model") { HelpName = "FOLDER", Description = "Weights to start from: the model of joint (default: compact), the tower of controller." };
        Option<string> output = new("--output", "-o") { HelpName = "FILE", Description = "NAME.tar, NAME.tar.gz or NAME.tar.xz.", Required = true };
        Option<int?> part = new("--part-size") { HelpName = "MB", Description = "Split into NAME.000, NAME.001 … of at most so many megabytes." };
        Option<bool> keep = new("--keep-pictures") { Description = "Pack pictures as they are: smaller, but slower to read." };
        Option<string?> program = new("--program") { HelpName = "FOLDER", Description = "A self-contained publish for linux-x64. Default: one is made." };
        var command = new Command("bundle", "Pack a training run for a Linux machine with a libtorch and no .NET.")
        {
            stage, recipe, set, data, validation, model, output, part, keep, program,
        };
        Choices.Require(part, size => size is >= 1 and <= 1 << 20, "--part-size takes a number of megabytes");
        command.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            List<string> overrides = [.. parsed.GetValue(set) ?? []];
            bool stored = parsed.GetRequiredValue(stage) is "restorer" or "recogniser";
            if (!stored && parsed.GetValue(data) is { } folder)
            {
                SourceRecipe source = DataRecipe.Of(folder).Sources[0];
                overrides.Add($"data.sources=[{{ kind: {(source.Kind == SourceKind.Pairs ? "pairs" : "photos")}, path: '{folder.Replace("'", "''", StringComparison.Ordinal)}' }}]");
            }
            string text = RecipeFile.TextOf(parsed.GetValue(recipe), overrides);
            string? crops = !stored ? null
                : parsed.GetValue(data) ?? throw new TrainingException("no crops: --data FOLDER, which `llicm train crops` has made");
            DataRecipe? sources = stored ? null : RecipeFile.PartOf<PreviewRecipe>(text, parsed.GetValue(recipe) ?? "recipe", "data").Data;
            string root = Checkout();
            string temporary = Path.Combine(Path.GetTempPath(), $"llicm-publish-{Guid.NewGuid():N}");
            try
            {
                string from = parsed.GetValue(program) ?? Publish(root, temporary, interruption.Token);
                IReadOnlyList<string> files = TrainingBundle.Write(
                    new BundleOptions
                    {
                        Stage = parsed.GetRequiredValue(stage),
                        Output = parsed.GetRequiredValue(output),
                        Recipe = text,
                        Data = sources,
                        Crops = crops,
                        Program = from,
                        Native = Path.Combine(root, "native"),
                        Model = parsed.GetValue(model),
                        Validation = parsed.GetValue(validation),
                        PartLength = (long)(parsed.GetValue(part) ?? 0) << 20,
                        AsPng = !parsed.GetValue(keep),
                        Report = Console.Error.WriteLine,
                    },
                    interruption.Token);
                foreach (string file in files) Console.WriteLine(FormattableString.Invariant($"{file}  {new FileInfo(file).Length / 1e6:0.0} MB"));
                return (int)ExitCode.Success;
            }
            finally
            {
                if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            }
        });
        return command;
    }

    // The native source is not part of an installed program.
    private static string Checkout()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "LlIcm.slnx"))) return at.FullName;
        throw new TrainingException("bundles are made from a checkout of the source: its native/ goes into them");
    }

    private static string Publish(string root, string folder, CancellationToken cancellation)
    {
        Console.Error.WriteLine("publishing the program");
        string dotnet = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        var start = new ProcessStartInfo(
            dotnet,
            ["publish", Path.Combine(root, "src", "LlIcm.Cli"), "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", folder, "-v", "q", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            using CancellationTokenRegistration ending = cancellation.Register(() => process.Kill(entireProcessTree: true));
            string said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode == 0) return folder;
            string first = said.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? said;
            throw new TrainingException($"the program could not be published: {first.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new TrainingException("the .NET SDK is not installed ('dotnet' is not on PATH); or name a publish with --program");
        }
    }
}
