using LlIcm.Imaging;
using LlIcm.Training.Data;

namespace LlIcm.Training.Tests.Data;

public class PreviewSheetTests
{
    [Fact]
    public void TheSheetHasARowForEachSourceAndDegradation()
    {
        using TemporaryFolder folder = new();
        folder.Touch("photos/a.png", "derain/input/c.png", "derain/target/c.png");
        string path = Path.Combine(folder.Path, "recipe.yaml");
        File.WriteAllText(path, $$"""
            steps: 7
            something_of_a_stage: 1
            crop: 48
            data:
              sources:
                - { kind: photos, path: {{folder.Path}}/photos, degradations: { weights: { hazy: 1, noisy: 1, clean: 1 } } }
                - { kind: pairs, path: {{folder.Path}}/derain }
            """);
        PreviewRecipe recipe = RecipeFile.LoadPart<PreviewRecipe>(path, ["crop=32"], "crop", "data");
        Assert.Equal(32, recipe.Crop);
        TrainingData data = TrainingData.Open(recipe.Data!, recipe.Crop, 1, decode: Decode);
        Picture sheet = PreviewSheet.Make(data, 1), again = PreviewSheet.Make(data, 1), other = PreviewSheet.Make(data, 2);
        // Haze, noise and pairs; five crops wide.
        Assert.InRange(sheet.Height, 3 * 32, 3 * 96);
        Assert.True(sheet.Width >= 5 * 32);
        Assert.Equal(sheet.Rgb, again.Rgb);
        Assert.NotEqual(sheet.Rgb, other.Rgb);
    }

    private static Picture Decode(string path)
    {
        byte[] rgb = new byte[3 * 64 * 64];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)(128 + 80 * Math.Sin(i * 0.05));
        return new Picture(64, 64, rgb);
    }
}
