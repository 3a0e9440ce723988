using LlIcm.Training.Data;

namespace LlIcm.Training.Tests.Data;

public class PictureSetsTests
{
    // Kind, part, files of the folder, the pairs expected (input > target), what they show.
    public static TheoryData<SourceKind, DataSplit, string, string, Degradation> Layouts => new()
    {
        {
            SourceKind.Rain100H, DataSplit.Train,
            "RainTrainH/rain-1.png RainTrainH/norain-1.png RainTrainH/rain-2.png RainTrainH/norain-2.png Rain100H/rainy/rain-001.png",
            "RainTrainH/rain-1.png>RainTrainH/norain-1.png RainTrainH/rain-2.png>RainTrainH/norain-2.png", Degradation.Rainy
        },
        {
            SourceKind.Rain100H, DataSplit.Test,
            "RainTrainH/rain-1.png Rain100H/rainy/rain-001.png Rain100H/norain-001.png Rain100H/rainregion/r-001.png",
            "Rain100H/rainy/rain-001.png>Rain100H/norain-001.png", Degradation.Rainy
        },
        {
            SourceKind.Rain100H, DataSplit.Train,
            "rain_data_train_Heavy/rain/norain-1x2.png rain_data_train_Heavy/norain/norain-1.png",
            "rain_data_train_Heavy/rain/norain-1x2.png>rain_data_train_Heavy/norain/norain-1.png", Degradation.Rainy
        },
        {
            SourceKind.Reside6K, DataSplit.Train, "train/hazy/0001.jpg train/GT/0001.jpg test/hazy/9.jpg test/GT/9.jpg",
            "train/hazy/0001.jpg>train/GT/0001.jpg", Degradation.Hazy
        },
        {
            SourceKind.Reside6K, DataSplit.Test, "test/hazy/1400_1.png test/hazy/1400_2.png test/gt/1400.png",
            "test/hazy/1400_1.png>test/gt/1400.png test/hazy/1400_2.png>test/gt/1400.png", Degradation.Hazy
        },
        {
            SourceKind.Srd, DataSplit.Train,
            "Train/shadow/IMG_5456.jpg Train/shadow_free/IMG_5456_no_shadow.jpg test/shadow/a.jpg test/shadow_free/a_free.jpg",
            "Train/shadow/IMG_5456.jpg>Train/shadow_free/IMG_5456_no_shadow.jpg", Degradation.Shadowed
        },
        {
            SourceKind.Srd, DataSplit.Test, "Train/shadow/b.jpg test/shadow/a.jpg test/shadow_free/a_free.jpg",
            "test/shadow/a.jpg>test/shadow_free/a_free.jpg", Degradation.Shadowed
        },
        {
            SourceKind.Raindrop, DataSplit.Train, "train/data/0_rain.png train/gt/0_clean.png test_a/data/1_rain.png",
            "train/data/0_rain.png>train/gt/0_clean.png", Degradation.Raindrop
        },
        {
            SourceKind.Raindrop, DataSplit.Test, "test_a/data/1_rain.png test_a/gt/1_clean.png test_b/data/2_rain.jpg",
            "test_a/data/1_rain.png>test_a/gt/1_clean.png", Degradation.Raindrop
        },
        {
            SourceKind.Lol, DataSplit.Train, "our485/low/2.png our485/high/2.png eval15/low/1.png eval15/high/1.png",
            "our485/low/2.png>our485/high/2.png", Degradation.LowLight
        },
        {
            SourceKind.Lol, DataSplit.Test, "low/1.png high/1.png", "low/1.png>high/1.png", Degradation.LowLight
        },
        {
            SourceKind.Cbsd68, DataSplit.Test,
            "CBSD68/original_png/0000.png CBSD68/noisy50/0000.png CBSD68/noisy25/0000.png",
            "CBSD68/noisy50/0000.png>CBSD68/original_png/0000.png", Degradation.Noisy
        },
        {
            SourceKind.Pairs, DataSplit.Train, "input/b.png input/a.jpg target/a.png target/b.png target/c.png",
            "input/a.jpg>target/a.png input/b.png>target/b.png", Degradation.Snowy
        },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void PairsAreFoundInThePublishedLayout(
        SourceKind kind, DataSplit split, string files, string expected, Degradation shows)
    {
        using TemporaryFolder folder = new();
        folder.Touch(files.Split(' '));
        PictureSet set = Assert.Single(PictureSets.Open(
            new SourceRecipe { Kind = kind, Split = split, Path = folder.Path, Task = kind == SourceKind.Pairs ? "desnow" : null }));
        string found = string.Join(' ', set.Entries.Select(
            each => $"{Path.GetRelativePath(folder.Path, each.Input!)}>{Path.GetRelativePath(folder.Path, each.Target)}"));
        Assert.Equal(expected, found);
        Assert.Equal(shows, set.Kind);
    }

    [Theory]
    [InlineData(SourceKind.Coco2017, DataSplit.Train, "train2017/000000000009.jpg val2017/1.jpg", "train2017/000000000009.jpg")]
    [InlineData(SourceKind.Coco2017, DataSplit.Test, "train2017/000000000009.jpg val2017/1.jpg", "val2017/1.jpg")]
    [InlineData(
        SourceKind.ImageNet, DataSplit.Train,
        "ILSVRC/Data/CLS-LOC/train/n01440764/n01440764_18.JPEG ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000001.JPEG",
        "ILSVRC/Data/CLS-LOC/train/n01440764/n01440764_18.JPEG")]
    [InlineData(SourceKind.ImageNet, DataSplit.Train, "n01440764/a.JPEG n01443537/b.JPEG", "n01440764/a.JPEG n01443537/b.JPEG")]
    [InlineData(SourceKind.Div2K, DataSplit.Train, "DIV2K_train_HR/0001.png DIV2K_valid_HR/0801.png", "DIV2K_train_HR/0001.png")]
    [InlineData(SourceKind.Div2K, DataSplit.Test, "DIV2K_train_HR/0001.png DIV2K_valid_HR/0801.png", "DIV2K_valid_HR/0801.png")]
    [InlineData(SourceKind.Flickr2K, DataSplit.Train, "Flickr2K/Flickr2K_HR/000001.png Flickr2K/Flickr2K_LR/1.png", "Flickr2K/Flickr2K_HR/000001.png")]
    [InlineData(SourceKind.Cbsd68, DataSplit.Train, "original_png/0000.png noisy25/0000.png", "original_png/0000.png")]
    [InlineData(SourceKind.CelebAHq, DataSplit.Train, "train/female/000016.jpg train/male/1.jpg val/male/2.jpg", "train/female/000016.jpg train/male/1.jpg")]
    [InlineData(SourceKind.Photos, DataSplit.Train, "a.avif b/c.webp b/notes.txt", "a.avif b/c.webp")]
    public void PhotographsAreFoundInThePublishedLayout(SourceKind kind, DataSplit split, string files, string expected)
    {
        using TemporaryFolder folder = new();
        folder.Touch(files.Split(' '));
        PictureSet set = Assert.Single(PictureSets.Open(new SourceRecipe { Kind = kind, Split = split, Path = folder.Path }));
        Assert.Equal(expected, string.Join(' ', set.Entries.Select(each => Path.GetRelativePath(folder.Path, each.Target))));
        Assert.False(set.IsPaired);
        bool noise = kind is SourceKind.Div2K or SourceKind.Flickr2K or SourceKind.Cbsd68;
        Assert.Equal(noise ? PictureSets.GaussianNoise50 : null, set.Degradations);
    }

    [Fact]
    public void AFlatFolderOfFacesIsSplitAsThePaperCountsIt()
    {
        using TemporaryFolder folder = new();
        folder.Touch([.. Enumerable.Range(0, 130).Select(i => $"celeba/{i:00000}.jpg"), "masks/thin/000000.png"]);
        var source = new SourceRecipe
        {
            Kind = SourceKind.CelebAHq,
            Path = Path.Combine(folder.Path, "celeba"),
            Masks = Path.Combine(folder.Path, "masks"),
        };
        PictureSet training = Assert.Single(PictureSets.Open(source));
        PictureSet test = Assert.Single(PictureSets.Open(source with { Split = DataSplit.Test }));
        Assert.Equal((30, 100), (training.Entries.Count, test.Entries.Count));
        Assert.Empty(training.Entries.Intersect(test.Entries));
        Assert.Equal(Degradation.Uncompleted, training.Kind);
        Assert.Equal("000000.png", Path.GetFileName(Assert.Single(training.Masks)));
    }

    [Fact]
    public void FoldersOfTasksAreSetsOfTheirOwn()
    {
        using TemporaryFolder folder = new();
        folder.Touch("dehaze/input/a.png", "dehaze/target/a.png", "inpaint/input/b.png", "inpaint/target/b.png", "inpaint/mask/b.png", "other/x.png");
        var source = new SourceRecipe { Kind = SourceKind.Pairs, Path = folder.Path };
        Assert.True(PictureSets.HoldsPairs(folder.Path));
        IReadOnlyList<PictureSet> sets = PictureSets.Open(source);
        Assert.Equal([Degradation.Hazy, Degradation.Uncompleted], sets.Select(set => set.Kind!.Value));
        Assert.Null(sets[0].Entries[0].Mask);
        Assert.EndsWith("mask/b.png", sets[1].Entries[0].Mask);
        Assert.Equal(Degradation.Hazy, Assert.Single(PictureSets.Open(source with { Task = "hazy" })).Kind);
    }

    [Theory]
    [InlineData(SourceKind.Photos, "", "", "path")]
    [InlineData(SourceKind.Photos, "absent", "", "no such folder")]
    [InlineData(SourceKind.Photos, ".", "notes.txt", "no pictures")]
    [InlineData(SourceKind.Rain100H, ".", "elsewhere/a.png", "Rain100H")]
    [InlineData(SourceKind.Lol, ".", "our485/low/1.png our485/high/2.png", "1.png")]
    [InlineData(SourceKind.Div2K, ".", "DIV2K_valid_HR/1.png", "DIV2K_train_HR")]
    [InlineData(SourceKind.Pairs, ".", "a.png", "input/ and target/")]
    [InlineData(SourceKind.Pairs, ".", "derain/input/a.png derain/target/a.png derain/mask/b.png", "mask")]
    [InlineData(SourceKind.Pairs, ".", "strange/input/a.png strange/target/a.png", "strange")]
    public void WhatIsMissingIsNamedInOneLine(SourceKind kind, string path, string files, string named)
    {
        using TemporaryFolder folder = new();
        folder.Touch(files.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var source = new SourceRecipe { Kind = kind, Path = path.Length == 0 ? "" : Path.Combine(folder.Path, path) };
        string message = Assert.Throws<TrainingException>(() => PictureSets.Open(source)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void ATestPartThatDoesNotExistIsSaidSo()
    {
        using TemporaryFolder folder = new();
        folder.Touch("Flickr2K_HR/1.png");
        var source = new SourceRecipe { Kind = SourceKind.Flickr2K, Split = DataSplit.Test, Path = folder.Path };
        Assert.Contains("no test part", Assert.Throws<TrainingException>(() => PictureSets.Open(source)).Message);
    }
}
