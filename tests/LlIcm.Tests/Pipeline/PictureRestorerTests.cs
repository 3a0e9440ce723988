using LlIcm.Imaging;

namespace LlIcm.Tests.Pipeline;

public class PictureRestorerTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    private PictureRestorer Restorer => new(tiny.Model);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(37, 90)]
    public void AnySizeKeepsItsSize(int width, int height)
    {
        RestorationResult result = Restorer.Restore(TinyModel.Picture(width, height, alpha: true));
        Assert.Equal((width, height), (result.Picture.Width, result.Picture.Height));
        Assert.NotNull(result.Picture.Alpha);
    }

    [Fact]
    public void TheSameSeedGivesTheSamePicture()
    {
        Picture picture = TinyModel.Picture(48, 40);
        byte[] first = Restorer.Restore(picture, new RestoreOptions { Seed = 9, Steps = 3 }).Picture.Rgb;
        Assert.Equal(first, Restorer.Restore(picture, new RestoreOptions { Seed = 9, Steps = 3 }).Picture.Rgb);
    }

    [Fact]
    public void TheDegradationIsNamedWithProbabilities()
    {
        RestorationResult result = Restorer.Restore(TinyModel.Picture(48, 40));
        Assert.Equal(DegradationNames.All.Order(), result.Recognised.Select(each => each.Degradation).Order());
        Assert.Equal(1, result.Recognised.Sum(each => each.Probability), 1e-3);
        Assert.Equal(result.Recognised[0].Degradation, result.Degradation);
        Assert.Equal(result.Degradation, result.Repaired);
    }

    [Fact]
    public void AGivenTaskOverridesTheRecognisedOne()
    {
        RestorationResult result = Restorer.Restore(TinyModel.Picture(48, 40), new RestoreOptions { Degradation = Degradation.Snowy });
        Assert.Equal(Degradation.Snowy, result.Repaired);
    }

    [Fact]
    public void InpaintingKeepsWhatIsKnown()
    {
        Picture picture = TinyModel.Picture(40, 40);
        byte[] mask = [.. Enumerable.Range(0, 40 * 40).SelectMany(i => Enumerable.Repeat((byte)(i % 40 < 20 ? 255 : 0), 3))];
        RestorationResult result = Restorer.Restore(picture, new RestoreOptions { Mask = new Picture(40, 40, mask) });
        Assert.Equal(Degradation.Uncompleted, result.Repaired);
        for (int y = 0; y < 40; y++)
            Assert.Equal(picture.Rgb[(y * 120)..(y * 120 + 60)], result.Picture.Rgb[(y * 120)..(y * 120 + 60)]);
    }

    [Fact]
    public void PaintedHolesAreFoundOnRequest()
    {
        Picture picture = TinyModel.Picture(40, 40);
        for (int y = 10; y < 20; y++) picture.Rgb.AsSpan((y * 40 + 10) * 3, 30).Fill(255);
        Assert.Equal(
            Degradation.Uncompleted, Restorer.Restore(picture, new RestoreOptions { FindPaintedHoles = true }).Repaired);
    }

    [Fact]
    public void AMaskOfAnotherSizeIsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Restorer.Restore(
            TinyModel.Picture(40, 40), new RestoreOptions { Mask = TinyModel.Picture(8, 8) }));
        Assert.Contains("8x8", error.Message, StringComparison.Ordinal);
    }
}
