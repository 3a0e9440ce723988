using LlIcm.Container;
using LlIcm.Imaging;

namespace LlIcm.Cli.Tests;

/// <summary>README.md's example; a test compares the two, and another runs it.</summary>
internal static class ReadmeExample
{
    public static void Run(string? name)
    {
        // README begins
        using LlIcmModel model = LlIcmModel.Load(name);            // null: the model that comes with the program
        Picture photo = PictureFile.Load("rainy.jpg");

        var codec = new PictureCodec(model);
        LlicFile file = codec.Compress(photo, new CompressOptions { Quality = 3.5 });
        File.WriteAllBytes("rainy.llic", file.ToArray());

        LlicFile read = LlicFile.Read(File.ReadAllBytes("rainy.llic"));
        Picture decoded = codec.Decompress(read);

        RestorationResult result = new PictureRestorer(model).Restore(decoded, new RestoreOptions { Seed = 1 });
        Console.WriteLine($"{result.Degradation}: {result.Probability:P0}");
        PictureFile.Save(result.Picture, "clean.png");
        // README ends
    }
}
