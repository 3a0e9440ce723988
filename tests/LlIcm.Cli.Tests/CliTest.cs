using LlIcm.Imaging;

namespace LlIcm.Cli.Tests;

/// <summary>A folder of its own for each test, with a picture in it.</summary>
[Collection(ModelCollection.Name)]
public abstract class CliTest : IDisposable
{
    protected CliTest(RandomModels models)
    {
        Models = models;
        Folder = Directory.CreateTempSubdirectory("llicm cli ").FullName;
        Save("a.png", Pattern(48, 40));
    }

    protected RandomModels Models { get; }

    protected string Folder { get; }

    /// <summary>The names of all files, below the folder, in order; for a look at what is left.</summary>
    protected IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Something with edges, ramps and colours.</summary>
    protected static Picture Pattern(int width, int height, int seed = 0)
    {
        byte[] rgb = new byte[3 * width * height];
        for (int i = 0; i < width * height; i++)
        {
            int x = i % width, y = i / width;
            rgb[3 * i] = (byte)(x * 5 + seed);
            rgb[3 * i + 1] = (byte)(y * 5);
            rgb[3 * i + 2] = (byte)((x / 8 + y / 8) % 2 * 200);
        }
        return new Picture(width, height, rgb);
    }

    protected string At(string name) => Path.Combine(Folder, name);

    protected void Save(string name, Picture picture)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        PictureFile.Save(picture, At(name));
    }

    protected Picture Load(string name) => PictureFile.Load(At(name));

    /// <summary>Runs a command line as it is.</summary>
    protected CliResult Run(params IEnumerable<string> arguments) => Cli.Run(Folder, arguments);

    /// <summary>Runs a command with the random model.</summary>
    protected CliResult RunModel(string command, params IEnumerable<string> arguments) =>
        Cli.Run(Folder, [command, "--model", Models.Folder, .. arguments]);

    /// <summary>Makes a .llic file of the folder's picture.</summary>
    protected void Compress(string name = "a.llic") => RunModel("compress", "a.png", "-o", name, "--quiet").Succeeds();
}
